"""Members, invitations, password, appearance and language."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
