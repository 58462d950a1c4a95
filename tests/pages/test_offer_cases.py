"""Cases on the timeline: reference, edit, removal and remedy stand with the relist (PRODUCT C8, D4)."""

from typing import Any

import pytest
from django.urls import reverse
from time_machine import travel

from health.models import ResolutionCase
from health.resolving import confirm
from offers.models import Offer
from tests.factories import UserFactory
from tests.health.closed_offers import LISTING, NOON, at_risk_offer, closed_offer, ready
from tests.pages.people import owner
from tests.pages.reading import page

pytestmark = pytest.mark.django_db
REMEDY = "The supplier now <tests> every lid."


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with travel(NOON, tick=False):
        yield


def done(offer: Offer) -> ResolutionCase:
    """A case of Ana's: an edit, a removal of 5 units and another remedy."""
    ana = UserFactory(first_name="Ana", last_name="Reis")
    case = ready(
        offer, ana, fixes=frozenset({"listing", "removal", "other"}), listing=dict(LISTING),
        removal_kind="disposal", removal_quantity=5, remedy=REMEDY,
    )  # fmt: skip
    return confirm(case_id=case.pk, by=ana, seen_version=case.version, attested=True)


def timeline(offer: Offer, language: str = "en") -> list[str]:
    """The entries of the offer's timeline, newest first."""
    answer = owner(offer.seller).client.get(
        reverse("offer", args=[offer.pk]), headers={"Accept-Language": language}
    )
    (found,) = page(answer).all("section", **{"aria-labelledby": "timeline-head"})
    return [entry.text for entry in found.all("ol")[0].all("li")]


def test_c8_a_relist_says_under_which_reference_and_what_was_done() -> None:
    offer = closed_offer()
    case = done(offer)
    assert case.removal
    relisted = next(entry for entry in timeline(offer) if entry.startswith("Offer relisted"))
    assert relisted == (
        f"Offer relisted Reference {case.reference} Listing edited: Title Removal order "
        f"{case.removal.reference}: Disposal · 5 units Another remedy: {REMEDY} 17 Mar 2024, 12:00 · Ana Reis"
    )


def test_c8_an_improvement_without_a_relist_is_an_entry_of_its_own() -> None:
    offer = at_risk_offer()
    case = done(offer)
    entries = timeline(offer)
    (improved,) = [entry for entry in entries if entry.startswith("Offer improved")]
    assert f"Reference {case.reference}" in improved
    assert improved.endswith("· Ana Reis")
    assert not [entry for entry in entries if "relisted" in entry]


def test_c8_a_draft_is_on_no_timeline() -> None:
    offer = closed_offer()
    ready(offer, UserFactory())
    assert not [entry for entry in timeline(offer) if "Reference" in entry]


def test_c8_the_timeline_tells_it_in_french() -> None:
    offer = closed_offer()
    case = done(offer)
    assert [entry for entry in timeline(offer, "fr") if f"Référence {case.reference}" in entry]
