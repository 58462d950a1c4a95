"""What customers said, filtered, and for each why it counts or does not (PRODUCT C3-C5)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from feedback.comments import CommentFilter, Window, filtered, of_offer
from feedback.decisions import decide_event
from feedback.models import FeedbackEvent
from offers.models import Offer, OrderLine
from tests.factories import EventFactory, OrderLineFactory, UserFactory
from tests.health.story import LAST, ONE_DAY, Market, health, market, sell
from tests.pages.people import Person, owner, queries
from tests.pages.reading import Element, page
from vocdash.pages.offer_words import marked

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Market:
    return market()


@pytest.fixture
def offer(made: Market) -> Offer:
    """An offer with an event of every kind."""
    offer = made.offer(manufacturer_barcode=True)
    lines = sell(offer, range(1, 21))
    tell = telling(lines)
    tell("DEFECTIVE", comment="counted by code")
    EventFactory(
        order_line=lines[0], channel="refund", raw_reason="DEFECTIVE", comment="same order", occurred_on=LAST
    )
    tell("", comment="It arrived broken and late.")
    tell("", channel="review", stars=1, comment="")
    tell("MISSED_ESTIMATED_DELIVERY", comment="late, and that is all")
    tell("UNWANTED_ITEM", comment="changed my mind")
    tell("DEFECTIVE", channel="review", stars=4, comment="four stars")
    tell("", comment="hm")
    decided = tell("DEFECTIVE", comment="decided")
    decide_event(event_id=decided.pk, counted=False, by=UserFactory(is_staff=True), reason="Not our item.")
    old = OrderLineFactory(offer=offer, ordered_on=LAST - 70 * ONE_DAY)
    EventFactory(order_line=old, raw_reason="DEFECTIVE", comment="old order", occurred_on=LAST)
    gone = OrderLineFactory(offer=offer, ordered_on=LAST, status=OrderLine.Status.CANCELLED)
    EventFactory(order_line=gone, raw_reason="DEFECTIVE", comment="cancelled order", occurred_on=LAST)
    EventFactory(
        offer=offer, order_line=None, foreign_order=True, comment="foreign", counted=False, occurred_on=LAST
    )
    EventFactory(
        offer=None, marketplace=offer.marketplace, seller=offer.seller, sku=offer.sku, order_line=None,
        comment="waiting", occurred_on=LAST,
    )  # fmt: skip
    made.nights(1)
    late = OrderLineFactory(offer=offer, ordered_on=LAST + ONE_DAY)
    EventFactory(
        order_line=late, raw_reason="DEFECTIVE", comment="after the night", occurred_on=LAST + ONE_DAY
    )
    return offer


def telling(lines: list[OrderLine]) -> Callable[..., FeedbackEvent]:
    """Events on one line after another."""
    left = iter(lines)

    def tell(code: str, **fields: Any) -> FeedbackEvent:
        return EventFactory(
            order_line=next(left), raw_reason=code, **{"occurred_on": LAST - ONE_DAY, **fields}
        )

    return tell


def ask(
    offer: Offer, who: Person | None = None, chosen: dict[str, str] | None = None, *, htmx: bool = False
) -> Any:
    who = who or owner(offer.seller)
    return who.client.get(
        reverse("offer-feedback", args=[offer.pk]),
        chosen or {},
        headers={"HX-Request": "true"} if htmx else {},
    )


def comments(offer: Offer, **chosen: str) -> list[Element]:
    return page(ask(offer, chosen=chosen)).all("article", "cmt")


def verdicts(offer: Offer) -> dict[str, str]:
    """The last words of each comment, by what the customer wrote."""
    found = {}
    for comment in comments(offer):
        text = comment.all("blockquote")
        found[text[0].text if text else ""] = comment.one("div", "ref").all("span")[-1].text
    return found


def test_c3_every_event_says_counted_or_not_counted_because(offer: Offer) -> None:
    assert verdicts(offer) == {
        "counted by code": "Counted: the reason given is about the product or the listing.",
        "same order": "Counted. Its order counts once, for an earlier report.",
        "It arrived broken and late.": "Counted: the words “broken” are about the product or the listing.",
        "": "Counted: a one-star review without another reason.",
        "late, and that is all": "Not counted: delivery problems don't affect CX health.",
        "changed my mind": "Not counted: the buyer changed their mind or ordered by mistake.",
        "four stars": "Not counted: only one-star reviews count.",
        "hm": "Not counted: neither a reason nor words about the product or the listing.",
        "decided": "Not counted: an operator decided so (Not our item.).",
        "old order": "Not counted now: its order of 5 Jan 2024 is older than the last 60 days.",
        "cancelled order": "Not counted: the order was cancelled.",
        "foreign": "Not counted: the order belongs to another seller of the same product.",
        "waiting": "Not counted yet: its order has not been imported.",
        "after the night": "Not counted so far: it is newer than the last computed night of this offer.",
    }
    assert health(offer).ncx_orders == 3


def test_c3_the_filter_counted_agrees_with_what_is_said_of_each(offer: Offer) -> None:
    for chosen, begins in (("yes", "Counted"), ("no", "Not counted")):
        found = comments(offer, counted=chosen)
        assert found
        assert all(comment.one("div", "ref").all("span")[-1].text.startswith(begins) for comment in found)
    assert len(comments(offer, counted="yes")) == 4
    assert len(comments(offer, counted="no")) == 10
    assert len(comments(offer, counted="orders")) == health(offer).ncx_orders


@pytest.mark.parametrize("counted", ["", "yes", "no", "orders"])
@pytest.mark.parametrize("since", ["", "2024-03-15"])
@pytest.mark.parametrize("channel", ["", "return", "review"])
@pytest.mark.parametrize("reason", ["", "defective"])
def test_c3_the_number_of_matches_is_that_of_the_list(
    offer: Offer, counted: str, since: str, channel: str, reason: str
) -> None:
    chosen = {"counted": counted, "channel": channel, "reason": reason, "from": since}
    root = page(ask(offer, chosen=chosen))
    listed = len(root.all("article", "cmt"))
    said = root.one("section", id="comments").all("footer")
    if listed:
        assert f"of {listed}" in said[0].text
    else:
        assert not said
        assert "Nothing matches. Clear the filters to see all 14 reports." in root.text


def test_c3_filters_by_channel_reason_and_date(offer: Offer) -> None:
    assert {c.all("span", "tag")[0].text for c in comments(offer, channel="review")} == {
        "Product review, 1 star",
        "Product review, 4 stars",
    }
    assert {c.all("span", "tag")[1].text for c in comments(offer, reason="late_delivery")} == {
        "Late delivery"
    }
    days = {
        c.one("time").attributes["datetime"]
        for c in comments(offer, **{"from": "2024-03-15", "to": "2024-03-15"})
    }
    assert days == {"2024-03-15"}


def test_c3_nonsense_in_the_address_filters_nothing(offer: Offer) -> None:
    nonsense = {"channel": "x'", "reason": "nothing", "counted": "2", "from": "yesterday", "to": "2024-02-31"}
    assert len(comments(offer, page="9999999999999", **nonsense)) == 14
    assert len(comments(offer, page="-1")) == 14


def test_c4_a_delivery_complaint_is_shown_and_never_counted_an_order_with_both_counts_once(
    made: Market,
) -> None:
    offer = made.offer()
    (line, other) = sell(offer, [3, 4])
    EventFactory(order_line=line, raw_reason="NEVER_ARRIVED", occurred_on=LAST - ONE_DAY, comment="late")
    EventFactory(order_line=line, raw_reason="DEFECTIVE", occurred_on=LAST, comment="broken")
    EventFactory(order_line=other, raw_reason="MISSED_ESTIMATED_DELIVERY", occurred_on=LAST, comment="slow")
    made.nights(1)
    assert (health(offer).ncx_orders, health(offer).orders) == (1, 2)
    said = verdicts(offer)
    assert said["late"].startswith("Not counted: delivery")
    assert said["slow"].startswith("Not counted: delivery")
    assert said["broken"].startswith("Counted")
    tags = [tag.text for comment in comments(offer) for tag in comment.all("span", "info")]
    assert tags == ["excluded: delivery", "excluded: delivery"]


def test_c5_another_sellers_order_is_marked_and_not_counted(offer: Offer) -> None:
    (foreign,) = [comment for comment in comments(offer) if "foreign" in comment.text]
    assert "not your order" in foreign.text
    assert "May not be your item" in foreign.text


def test_c3_order_numbers_are_masked_and_the_deciding_words_marked(offer: Offer) -> None:
    line = OrderLineFactory(offer=offer, ordered_on=LAST, order_ref="702-5198-0934")
    EventFactory(order_line=line, comment="masked", occurred_on=LAST)
    html = ask(offer).content.decode()
    assert "Order 702-…0934" in html
    assert "702-5198-0934" not in html
    assert "It arrived <mark>broken</mark> and late." in html


@pytest.mark.parametrize(
    ("comment", "words", "expected"),
    [
        ("Does not, at all, work.", "does not work", "<mark>Does not, at all, work</mark>."),
        ("It didn't ever arrive", "didn't arrive", "It <mark>didn&#x27;t ever arrive</mark>"),
        ("unbroken, then broken", "broken", "unbroken, then <mark>broken</mark>"),
        ("a < b", "", "a &lt; b"),
        ("nothing here", "broken", "nothing here"),
        ("A" * 9000 + " b", "a b", "A" * 9000 + " b"),
    ],
)
def test_the_words_that_decided_are_marked_where_they_stand(comment: str, words: str, expected: str) -> None:
    assert marked(comment, words) == expected


def test_no_comment_makes_marking_slow() -> None:
    assert "<mark>" not in marked("not ,;, " * 1200, "not a word in it")


def test_pages_of_comments_do_not_overlap_and_hold_everything(made: Market) -> None:
    offer = made.offer()
    sell(offer, [2] * 60, complaints=range(60))
    made.nights(1)
    seen = [c.attributes["id"] for number in ("1", "2", "3") for c in comments(offer, page=number)]
    assert len(seen) == len(set(seen)) == 60
    assert [c.attributes["id"] for c in comments(offer, page="4")] == seen[50:]


def test_htmx_gets_the_list_alone(offer: Offer) -> None:
    part = ask(offer, htmx=True).content.decode()
    assert part.lstrip().startswith('<section class="panel" id="comments"')
    assert "HX-Request" in ask(offer).headers["Vary"]


def test_without_feedback_the_page_says_so(made: Market) -> None:
    offer = made.offer()
    sell(offer, range(5))
    made.nights(1)
    assert "No customer has reported a problem with this offer." in page(ask(offer)).text


def test_waiting_events_of_a_deleted_sku_go_to_the_one_that_is_listed(offer: Offer) -> None:
    Offer.objects.filter(pk=offer.pk).update(status="LISTING_DELETED", deleted_on=LAST)
    offer.refresh_from_db()
    texts = set(of_offer(offer).values_list("comment", flat=True))
    assert "waiting" not in texts
    assert "old order" in texts


def test_the_list_is_read_by_few_questions(offer: Offer) -> None:
    who = owner(offer.seller)
    assert len(queries(lambda: ask(offer, who))) == 7
    assert len(queries(lambda: ask(offer, who, {"counted": "orders"}))) == 8


def test_the_feedback_is_downloaded_as_filtered_and_no_cell_is_a_formula(offer: Offer) -> None:
    line = OrderLineFactory(offer=offer, ordered_on=LAST)
    EventFactory(order_line=line, comment="=1+1", occurred_on=LAST)
    address = reverse("offer-feedback-csv", args=[offer.pk])
    who = owner(offer.seller)
    everything = who.client.get(address).getvalue().decode("utf-8-sig")
    assert "'=1+1" in everything
    assert ",=1+1" not in everything
    assert len(everything.strip().splitlines()) == 16
    counted = who.client.get(f"{address}?counted=no").getvalue().decode("utf-8-sig")
    assert "four stars" in counted
    assert "counted by code" not in counted


def test_before_the_first_night_nothing_counts() -> None:
    line = OrderLineFactory()
    EventFactory(order_line=line, comment="early")
    window = Window(None, 60)
    assert not filtered(of_offer(line.offer), CommentFilter(counted="yes"), window, [])
    assert len(filtered(of_offer(line.offer), CommentFilter(counted="no"), window, [])) == 1
