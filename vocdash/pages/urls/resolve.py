"""The resolve flow and the editing of a listing."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
