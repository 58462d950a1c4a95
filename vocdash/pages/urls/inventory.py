"""Manage Inventory and removal orders."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
