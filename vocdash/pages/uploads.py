"""Pictures that come with a form: stored at once, so that a mistake elsewhere in the form loses none."""

from collections.abc import Mapping
from typing import Any, cast

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.translation import gettext

from offers.image_actions import ImageRefused, reference, store_image
from offers.models import ListingImage, Offer
from vocdash.pages.listing_form import PICTURES_MAX, Problem
from vocdash.pages.offer_listing import pictures_of


def take_uploads(request: HttpRequest, offer: Offer) -> tuple[list[str], list[Problem]]:
    """The references of the pictures that came with the form, and what is wrong with the others."""
    stored: list[str] = []
    problems: list[Problem] = []
    files = request.FILES.getlist("upload")
    for file in files[:PICTURES_MAX]:
        try:
            stored.append(reference(store_image(offer_id=offer.pk, upload=file, by=cast(User, request.user))))
        except ImageRefused as error:
            words = gettext("%(file)s: %(problem)s") % {"file": file.name, "problem": error}
            problems.append(Problem("upload", words))
    if len(files) > PICTURES_MAX:
        problems.append(
            Problem("upload", gettext("Choose fewer images at once: the last ones were left out."))
        )
    return stored, problems


def allowed_pictures(offer: Offer, *contents: Mapping[str, Any]) -> set[str]:
    """The pictures that a form of this offer may name: those of these listings, and its own uploads."""
    uploads = {reference(image) for image in ListingImage.objects.filter(offer=offer).only("pk")}
    return uploads.union(*(pictures_of(content) for content in contents))
