"""The history of an offer's health on its page, and the timeline of what happened (C2, C8)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from time_machine import travel

from health.actions import close_by_hand, lift_closure, relist
from offers.listing_actions import edit_listing
from offers.models import Offer
from offers.removal_actions import move_removal, request_removal
from tests.factories import ListingRevisionFactory, UserFactory
from tests.health.story import LAST, ONE_DAY, Market, bad_offer, market
from tests.pages.offer_pages import closed_offer, read, section
from tests.pages.people import owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Market:
    return market()


def test_c2_history_marks_closure_relist_and_edits_and_has_a_table(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(1, LAST - 7 * ONE_DAY)
    made.nights(3)
    with travel(datetime(2024, 3, 24, 8, tzinfo=UTC), tick=False):
        relist(offer_id=offer.pk, by=None, at=datetime(2024, 3, 18, 16, tzinfo=UTC))
        ListingRevisionFactory(offer=offer)
        ListingRevisionFactory(
            offer=offer, number=2, changed_fields=["title"], at=datetime(2024, 3, 18, 15, tzinfo=UTC)
        )
        made.nights(8, LAST + 8 * ONE_DAY)
        history = section(read(offer), "history-head")
    drawn = history.one("svg", "chart").text
    for words in ("Closed 15 Mar", "Relisted 18 Mar", "Listing edited 18 Mar", "The offer was closed once."):
        assert words in drawn
    assert history.one("svg", "chart").all("rect", "hatch")
    rows = history.one("tbody").all("tr")
    assert [row.all("td")[0].text for row in rows] == ["23 Mar 2024", "17 Mar 2024", "8 Mar 2024"]
    assert "Very poor" in rows[1].text
    assert "19 / 58" in rows[1].text


def test_c8_the_timeline_has_changes_notices_edits_closure_and_relist_newest_first(made: Market) -> None:
    offer = closed_offer(made)
    anna = UserFactory(username="anna", first_name="Anna", last_name="Field")
    relist(offer_id=offer.pk, by=anna, at=datetime(2024, 3, 18, 16, tzinfo=UTC))
    with travel(datetime(2024, 3, 18, 15, tzinfo=UTC), tick=False):
        edit_listing(
            offer_id=offer.pk, values={"title": "Kettle, 1.2 l"}, seen_revision=1, by=anna, source="seller"
        )
    timeline = section(read(offer), "timeline-head")
    entries = [entry.text for entry in timeline.all("ol")[0].all("li")]
    assert entries[0] == "Offer relisted 18 Mar 2024, 12:00 · Anna Field"
    assert entries[1] == "Listing edited: Title 18 Mar 2024, 11:00 · Anna Field"
    assert entries[2] == "Notice: Offer closed 16 Mar 2024"
    assert entries[3].startswith("Offer closed because of its NCX rate 20 of 60 orders (33.3%) against")
    assert (
        "on 3 nights running. Policy v1, data up to 15 Mar 2024. Each buyer was counted once." in entries[3]
    )
    assert entries[3].endswith("16 Mar 2024, 12:00 · automatic")
    assert entries[-1].startswith("CX health is Very poor")
    assert "14 Mar 2024 · automatic, data up to 13 Mar 2024, policy v1" in entries[-1]


def test_c8_every_computed_change_can_be_seen(made: Market) -> None:
    offer = closed_offer(made)
    assert "A night that counts towards closing the offer." in section(read(offer), "timeline-head").text
    with travel(datetime(2024, 3, 17, 16, tzinfo=UTC), tick=False):
        relist(offer_id=offer.pk, by=None, at=datetime(2024, 3, 16, 18, tzinfo=UTC))
        made.nights(1, LAST + ONE_DAY)
    timeline = section(read(offer), "timeline-head")
    assert not [entry for entry in timeline.all("ol")[0].all("li") if entry.text.startswith("Recomputed")]
    assert [entry for entry in timeline.one("details").all("li") if entry.text.startswith("Recomputed")]


def test_c8_a_lifted_closure_says_closed_in_error_and_who(made: Market) -> None:
    offer = closed_offer(made)
    lift_closure(
        offer_id=offer.pk, by=UserFactory(is_staff=True, username="root"), reason="Wrong item count."
    )
    words = section(read(offer), "timeline-head").text
    assert "Offer closed, in error" in words
    assert "Closure lifted: it was closed in error Wrong item count." in words
    assert "an operator" in words
    assert "root" not in words


def test_c8_a_closure_by_hand_shows_its_reason(made: Market) -> None:
    offer = made.offer()
    made.nights(1)
    close_by_hand(offer_id=offer.pk, by=UserFactory(is_staff=True), reason="Recalled by its maker.")
    assert "Offer closed by an operator Recalled by its maker." in section(read(offer), "timeline-head").text


def test_c8_each_step_of_a_removal_order_is_on_the_timeline(made: Market) -> None:
    offer = closed_offer(made)
    Offer.objects.filter(pk=offer.pk).update(fulfillment="marketplace", quantity=184)
    anna = UserFactory(username="anna", first_name="Anna", last_name="Field")
    at = datetime(2024, 3, 18, 15, tzinfo=UTC)
    order = request_removal(offer_id=offer.pk, kind="disposal", quantity=84, by=anna, at=at)
    move_removal(removal_id=order.pk, to="completed", source="import", done=80, at=at + timedelta(days=9))
    entries = [entry.text for entry in section(read(offer), "timeline-head").all("ol")[0].all("li")]
    named = f"Removal order {order.reference}"
    assert entries[:2] == [
        f"{named}: Partly completed: 80 of 84 done Disposal · 84 units 27 Mar 2024, 11:00 · by import",
        f"{named}: Requested Disposal · 84 units 18 Mar 2024, 11:00 · Anna Field",
    ]


def test_c2_the_history_is_downloaded_week_by_week(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(9)
    found = owner(offer.seller).client.get(reverse("offer-history-csv", args=[offer.pk]))
    lines = found.getvalue().decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Night,CX health,NCX rate,NCX orders,Total orders")
    assert lines[-1].startswith("2024-03-15,Very poor,0.3333333333333333,20,60,60,")
    assert len(lines) == 3
