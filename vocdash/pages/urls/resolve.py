"""The resolve flow and the editing of a listing."""

from django.urls import URLPattern, path

from vocdash.pages.views import listing, resolve, resolve_fix

urlpatterns: list[URLPattern] = [
    path("voc/offers/<int:offer_id>/resolve/", resolve.start, name="offer-resolve"),
    path("voc/offers/<int:offer_id>/resolve/review/", resolve.review, name="resolve-review"),
    path("voc/offers/<int:offer_id>/resolve/fix/", resolve_fix.fix, name="resolve-fix"),
    path("voc/offers/<int:offer_id>/resolve/confirm/", resolve.confirm, name="resolve-confirm"),
    path("voc/offers/<int:offer_id>/resolve/done/<slug:reference>/", resolve.done, name="resolve-done"),
    path("voc/offers/<int:offer_id>/edit/", listing.edit, name="offer-edit"),
    path("voc/images/<uuid:image_id>/", listing.image, name="listing-image"),
]
