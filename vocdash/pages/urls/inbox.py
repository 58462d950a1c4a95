"""Notifications, their settings, and the way out of summaries by e-mail."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
