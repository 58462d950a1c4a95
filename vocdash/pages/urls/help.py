"""Help pages, readable signed out."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
