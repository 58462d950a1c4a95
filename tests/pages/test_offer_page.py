"""The page of one offer: why, the way back, history, reasons, listing, timeline, who may see it (C1-C8)."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.urls import reverse
from scipy.special import betainc
from time_machine import travel

from offers.lifecycle import Move
from offers.listing_actions import edit_listing
from offers.models import Offer, Role
from tests.factories import EventFactory, ListingRevisionFactory, OfferStatusChangeFactory
from tests.health.story import LAST, ONE_DAY, Market, bad_offer, health, market, sell
from tests.pages.offer_pages import NOON, answer, closed_offer, read, section
from tests.pages.people import member, operator, owner, queries, stranger
from tests.pages.reading import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Market:
    return market()


def test_c1_the_sentence_has_the_numbers_the_group_and_the_chance(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(2)
    row = health(offer)
    words = section(read(offer), "why").one("p", "why").text
    assert "significantly worse than similar offers" in words
    assert "20 of its 60 orders in the last 60 days (33.3%)" in words
    assert "offers in Kettles of a similar price and the same condition (24 offers of other sellers)" in words
    assert row.m is not None
    assert f"{row.m:.1%}" in words
    # With so low an average the absolute margin sets the cut-off, so that no multiple is spoken of.
    assert f"there is a 99% chance that it is above {row.m + 0.02:.1%}" in words


def test_c1_four_numbers_with_range_similar_offers_and_last_updated(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(2)
    stats = section(read(offer), "why").one("dl", "stats")
    labels = [label.text for label in stats.all("dt")]
    assert labels == ["NCX rate", "NCX orders", "Similar offers", "Last updated"]
    values = [value.text for value in stats.all("dd")]
    assert values[0] == "33.3% likely 24.2% to 43.9%"  # Wilson, 90 %
    assert values[1] == "20 of 60 orders in 60 days"
    assert re.fullmatch(r"\d\.\d% most \d\.\d% to \d+\.\d%, 24 offers", values[2])
    assert values[3] == "15 Mar 2024 last order or NCX"


def test_c1_everything_that_went_in_gives_the_probabilities_that_are_shown(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(2)
    inputs, gates = section(read(offer), "why").all("table")[-2:]
    shown = {row.one("th").text: row.all("td")[1].text for row in inputs.all("tbody")[0].all("tr")}
    n, k, m, s = (float(shown[letter]) for letter in "nkms")
    a, b = m * s + k, (1 - m) * s + n - k
    assert float(shown["a"]) == pytest.approx(a, abs=1e-9)
    assert float(shown["b"]) == pytest.approx(b, abs=1e-9)
    cut = {
        "Very poor": min(max(2 * m, m + 0.02), 0.5 + 0.5 * m),
        "Poor": min(max(1.5 * m, m + 0.01), 0.25 + 0.75 * m),
        "Good": m,
        "Excellent": 0.75 * m,
    }
    for row in gates.all("tbody")[0].all("tr"):
        band, (cutoff, chance, *_) = row.one("th").text, [cell.text for cell in row.all("td")]
        below = betainc(a, b, cut[band])
        assert float(cutoff.split(" = ")[0]) == pytest.approx(cut[band], abs=1e-9)
        expected = below if band in {"Good", "Excellent"} else 1 - below
        assert float(chance.split(" = ")[1]) == pytest.approx(expected, abs=1e-9)


def test_c1_a_wider_group_is_named_with_the_reason(made: Market) -> None:
    alone = made.offer(condition="used")
    sell(alone, range(40), complaints=range(20))
    made.nights(2)
    words = section(read(alone), "why").one("p", "why").text
    assert "usual for offers in Kettles (24 offers of other sellers)" in words
    assert (
        "No other seller had orders in offers in Kettles of a similar price and the same condition" in words
    )


def test_c1_an_offer_that_was_never_computed_says_so(made: Market) -> None:
    offer = made.offer()
    root = read(offer)
    assert "has not been computed yet" in section(root, "why").text
    assert not [
        part for part in root.all("section") if part.attributes.get("aria-labelledby") == "history-head"
    ]


def test_b5_new_and_quiet_offers_have_no_rate_and_different_words(made: Market) -> None:
    new, quiet = made.offer(), made.offer()
    sell(quiet, [80])
    made.nights(1)
    assert "has never been ordered" in section(read(new), "why").text
    words = section(read(quiet), "why").text
    assert "its last order was on 26 Dec 2023" in words
    assert "NCX rate" not in [label.text for label in section(read(quiet), "why").all("dt")]


def test_b6_insufficient_feedback_shows_the_rate_and_what_is_missing(made: Market) -> None:
    offer = made.offer()
    sell(offer, [3, 4], complaints=(0, 1))
    made.nights(1)
    verdict = section(read(offer), "why")
    assert "Insufficient Feedback" in verdict.all("span", "badge")[0].text
    assert "100.0%" in verdict.one("dl", "stats").text
    assert "only with at least 3 such orders" in verdict.one("p", "why").text


def test_b7_a_deleted_listing_keeps_its_last_health_and_offers_no_action(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(2)
    Offer.objects.filter(pk=offer.pk).update(status="LISTING_DELETED", deleted_on=LAST + ONE_DAY)
    row = health(offer)
    row.tile = 7
    row.save()
    root = read(offer)
    verdict = section(root, "why")
    assert [badge.text for badge in verdict.all("span", "badge")] == ["Listing deleted", "Very poor"]
    assert "deleted on 16 Mar 2024" in verdict.text
    assert "33.3%" in verdict.text
    assert "What it takes to reach Fair" not in verdict.text
    assert not root.one("div", "ohead").all("a")


def test_a5_a_closed_offer_says_when_and_that_the_account_is_untouched(made: Market) -> None:
    note = read(closed_offer(made)).one("div", "vp").text
    assert "Offer closed on 16 Mar 2024. !Action required!" in note
    assert "never lead to account-level action" in note


def test_c2_the_offer_stands_among_similar_offers() -> None:
    made = market(chart_min_offers=5)
    offer = bad_offer(made)
    made.nights(2)
    spread = section(read(offer), "spread-head")
    assert "24 similar offers with orders enough, as of 14 Mar 2024" in spread.text
    assert "This offer 33.3%" in spread.text
    few = market("CA")
    alone = bad_offer(few, seller="PEER-1")
    few.nights(2)
    assert "Too few similar offers" in section(read(alone), "spread-head").text


def test_c3_reasons_by_channel_sum_to_k_and_lead_to_their_feedback(made: Market) -> None:
    offer = made.offer()
    lines = sell(offer, range(40))
    for line, (channel, reason) in zip(
        lines, [("return", "too_small"), ("review", "too_small"), ("refund", "defective")], strict=False
    ):
        EventFactory(order_line=line, channel=channel, raw_reason=reason, reason=reason, occurred_on=LAST)
    made.nights(1)
    who = owner(offer.seller)
    table = section(read(offer, who), "reasons-head").one("table")
    rows = [[cell.text for cell in (row.one("th"), *row.all("td"))] for row in table.one("tbody").all("tr")]
    assert [row[0] for row in rows] == ["Too small", "Defective", "Orders"]
    assert rows[0][5:] == ["2", "67%"]
    assert rows[1][5:] == ["1", "33%"]
    assert rows[2][5] == "3"
    first = table.one("tbody").all("tr")[0].all("td")[0].one("a")
    found = page(who.client.get(first.attributes["href"]))
    assert len(found.all("article", "cmt")) == 1
    assert "Return Too small" in found.one("article", "cmt").text


def test_c5_a_manufacturer_barcode_is_noted_on_the_offer_and_on_each_event(made: Market) -> None:
    offer = made.offer(manufacturer_barcode=True)
    sell(offer, range(20), complaints=(0, 1))
    plain = made.offer()
    sell(plain, range(20), complaints=(0, 1))
    made.nights(1)
    root = read(offer)
    assert "may be about items you didn't supply" in root.one("section", id="comments").text
    assert "Manufacturer barcode" in root.one("div", "ohead").text
    comments = root.all("article", "cmt")
    assert ["May not be your item" in comment.text for comment in comments] == [True, True]
    assert "May not be your item" not in read(plain).text


def test_c6_the_way_back_in_clean_orders_and_weeks(made: Market) -> None:
    offer = bad_offer(made)
    made.nights(2)
    verdict = section(read(offer), "why")
    assert re.search(r"About \d+ more orders in a row without a problem", verdict.text)
    assert "At 7.0 orders a week" in verdict.text
    assert "It may take several weeks" in verdict.text
    assumptions = [row.one("th").text for row in verdict.all("table")[0].one("tbody").all("tr")]
    assert assumptions[0] == "no problems"
    assert assumptions[1].startswith("problems as often as similar offers (")


def test_c6_an_offer_that_is_fair_has_no_way_to_go(made: Market) -> None:
    offer = made.offer()
    sell(offer, range(40))
    made.nights(1)
    assert "What it takes to reach Fair" not in read(offer).text


def test_c7_resolve_issue_for_a_closed_offer_and_improve_for_one_at_risk(made: Market) -> None:
    risky = made.offer()
    sell(risky, range(20), complaints=range(1, 8))
    fair = made.offer()
    sell(fair, range(40))
    closed = closed_offer(made)
    edit, link = read(closed).one("div", "ohead").all("a")
    assert (edit.text, edit.attributes["href"]) == ("Edit listing", reverse("offer-edit", args=[closed.pk]))
    assert link.text == "Resolve issue"
    assert link.attributes["href"] == reverse("offer-resolve", args=[closed.pk])
    assert "primary" in link.attributes["class"]
    link = read(risky).one("div", "ohead").all("a")[1]
    assert link.text == "Improve this offer"
    assert "primary" not in link.attributes["class"]
    assert [link.text for link in read(fair).one("div", "ohead").all("a")] == ["Edit listing"]


def test_c7_viewers_and_operators_have_nothing_to_resolve(made: Market) -> None:
    offer = closed_offer(made)
    for who in (member(offer.seller, Role.VIEWER), operator()):
        assert not read(offer, who).one("div", "ohead").all("a")
    assert read(offer, member(offer.seller, Role.EDITOR)).one("div", "ohead").all("a")


def test_c7_no_button_leads_nowhere(made: Market) -> None:
    for link in read(closed_offer(made)).one("div", "ohead").all("a"):
        assert link.attributes["href"]


def test_the_listing_stands_beside_the_complaints_that_point_to_its_fields(made: Market) -> None:
    offer = made.offer(attributes={"Size": "1.7 l", "Color": "black"}, description="Boils fast.")
    lines = sell(offer, range(30))
    for line, reason in zip(
        lines, ("too_small", "too_small", "color_differs", "not_as_described"), strict=False
    ):
        EventFactory(order_line=line, raw_reason=reason, reason=reason, occurred_on=LAST)
    made.nights(1)
    fields = section(read(offer), "listing-head").one("dl")
    said = dict(zip((f.text for f in fields.all("dt")), (f.text for f in fields.all("dd")), strict=True))
    assert said["Size"] == "1.7 l 2 customers reported: Too small"
    assert said["Color"] == "black 1 customer reported: Color differs"
    assert said["Description"] == "Boils fast. 1 customer reported: Not as described"


def test_a_closed_offers_listing_is_shown_as_it_was_then(made: Market) -> None:
    offer = bad_offer(made)
    ListingRevisionFactory(
        offer=offer, content={"title": "The old title"}, at=datetime(2024, 1, 1, tzinfo=UTC)
    )
    with travel(NOON, tick=False):
        made.nights(3)
    edit_listing(
        offer_id=offer.pk, values={"title": "The new one"}, seen_revision=1, by=None, source="seller"
    )
    listing = section(read(offer), "listing-head").text
    assert "when the offer was closed on 16 Mar 2024" in listing
    assert "The old title" in listing
    assert "It has been edited since." in listing


def test_a3_a_stranger_gets_the_words_of_an_offer_that_is_not_there(made: Market) -> None:
    offer = made.offer()
    made.nights(1)
    who = stranger()
    for name in ("offer", "offer-feedback", "offer-feedback-csv", "offer-history-csv"):
        theirs = who.client.get(reverse(name, args=[offer.pk]))
        nothing = who.client.get(reverse(name, args=[offer.pk + 999]))
        assert (theirs.status_code, nothing.status_code) == (404, 404)
        assert without_token(theirs) == without_token(nothing)


def without_token(found: Any) -> str:
    """The page without the token of its sign-out form, which is another each time."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", found.content.decode())


def test_f6_an_operator_reads_the_page_and_it_says_so(made: Market) -> None:
    offer = made.offer()
    made.nights(1)
    assert f"You are reading the pages of {offer.seller.name} as an operator" in read(offer, operator()).text


def test_the_page_asks_seventeen_questions_whatever_there_is_to_show(made: Market) -> None:
    closed = closed_offer(made)
    for number in range(3):
        OfferStatusChangeFactory(
            offer=closed, at=datetime(2024, 1, 1 + number, tzinfo=UTC), move=Move.CLOSE.value
        )
        ListingRevisionFactory(offer=closed, number=number + 1)
    who = owner(closed.seller)
    assert len(queries(lambda: answer(who, closed))) == 17


def test_what_people_wrote_is_escaped(made: Market) -> None:
    offer = bad_offer(
        made,
        title="<script>alert(1)</script>",
        attributes={"<b>x</b>": "<i>y</i>"},
        description="<img src=x>",
    )
    sell(offer, [2], complaints=(0,), comment="<script>alert(2)</script> broke")
    made.nights(1)
    html = answer(owner(offer.seller), offer).content.decode()
    for bad in ("<script>alert", "<b>x</b>", "<i>y</i>", "<img src=x>"):
        assert bad not in html


def test_a4_the_page_speaks_french(made: Market) -> None:
    offer = closed_offer(made)
    html = owner(offer.seller).client.get(
        reverse("offer", args=[offer.pk]), headers={"Accept-Language": "fr-CA"}
    )
    root = page(html)
    assert "33,3" in root.text
    for english in (
        "Timeline",
        "Customer comments",
        "Similar offers",
        "Counted",
        "orders in",
        "nights running",
    ):
        assert english not in root.text
