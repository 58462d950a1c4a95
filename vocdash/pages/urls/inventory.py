"""Manage Inventory and removal orders."""

from django.urls import URLPattern, path

from vocdash.pages.views import inventory, removals

urlpatterns: list[URLPattern] = [
    path("inventory/", inventory.inventory, name="inventory"),
    path("inventory/export.csv", inventory.export, name="inventory-csv"),
    path("inventory/<int:offer_id>/delete/", inventory.delete, name="listing-delete"),
    path("removals/", removals.removals, name="removals"),
    path("removals/export.csv", removals.export, name="removals-csv"),
    path("removals/new/", removals.new, name="removal-new"),
    path("removals/<int:removal_id>/", removals.removal, name="removal"),
    path("removals/<int:removal_id>/cancel/", removals.cancel, name="removal-cancel"),
]
