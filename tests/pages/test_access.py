"""Whose pages a person sees, and what they may do there (PRODUCT A2, A3, A5, F6)."""

from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from health.actions import close_by_hand
from health.models import Tile
from offers.lifecycle import Status
from offers.models import Membership, Offer, Role, Seller
from tests.factories import MembershipFactory, NotificationFactory, SellerFactory, UserFactory
from tests.pages.people import Person, member, operator, owner, person, stranger
from tests.pages.reading import dashboard, page
from tests.pages.shops import NOW, Shop, every_tile
from vocdash.pages.access import MARKETPLACE_KEY, SELLER_KEY

pytestmark = pytest.mark.django_db
SECRET = "Secret-gadget"


@pytest.fixture
def theirs() -> Shop:
    """Another seller's shop, in which every offer carries SECRET wherever it can."""
    shop = Shop(SellerFactory(code="THEIRS", name="Their shop"))
    for tile in Tile:
        shop.add(tile, sku=f"{SECRET}-{tile.value}", title=SECRET, product_id=f"{SECRET}-{tile.value}")
    shop.closed(sku=f"{SECRET}-closed")
    return shop.counted()


@pytest.fixture
def mine() -> Shop:
    """One's own shop with an offer in each state."""
    return every_tile()


@pytest.mark.parametrize("address", ["/", "/voc/", "/voc/?band=poor", "/voc/export.csv", "/switch/"])
def test_a2_the_tool_needs_sign_in_and_then_goes_on_where_one_wanted(address: str, client: Client) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        f"/accounts/login/?next={quote(address)}",
    )
    sign_in = client.get(answer.headers["Location"])
    assert page(sign_in).one("input", name="next").attributes["value"] == address


def test_a2_the_front_door_leads_to_the_dashboard(mine: Shop) -> None:
    answer = owner(mine.seller).client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/voc/")


def test_a2_an_inactive_person_is_signed_out(mine: Shop) -> None:
    who = owner(mine.seller)
    User.objects.filter(pk=who.user.pk).update(is_active=False)
    assert who.dashboard().status_code == 302


EVERY_PARAMETER = [
    "", f"q={SECRET}", "band=poor", "status=action", "status=open", "status=new", "status=deleted",
    "ch=seller", "mp=US", "mp=THEIRS", "reason=defective", "updated=60", "sort=-rate", "page=2",
    "per_page=100", "view=1", "seller={pk}", "seller=THEIRS", "seller_id={pk}", "seller__id={pk}",
    "offer__seller={pk}", "SELLER={pk}", "q=%25&per_page=100&status=open&status=deleted&status=action",
]  # fmt: skip


@pytest.mark.parametrize("query", EVERY_PARAMETER)
def test_a3_another_sellers_offers_never_appear(mine: Shop, theirs: Shop, query: str) -> None:
    who = owner(mine.seller)
    asked = query.format(pk=theirs.seller.pk)
    for answer in (who.dashboard(asked), who.fragment(asked)):
        shown = dashboard(answer)
        assert SECRET not in {text for row in shown.rows for text in row.text.split()}
        assert "Their shop" not in shown.html
        assert SECRET not in shown.html or SECRET in query  # one's own search comes back
    assert SECRET.encode() not in b"".join(who.csv(asked).streaming_content)


def test_a3_counts_are_of_ones_own_offers(mine: Shop, theirs: Shop) -> None:
    tiles = dashboard(owner(mine.seller).dashboard()).tiles
    assert [tiles[label].count for label in ("Excellent", "Very poor", "Listing deleted")] == [1, 5, 8]
    filtered = dashboard(owner(mine.seller).dashboard("q=kettle")).tiles
    assert filtered["Very poor"].count == 5


@pytest.mark.parametrize("kept", ["pk", "code", None, "x", [], {"pk": 1}, -1, 10**30, True])
def test_a3_a_session_that_names_another_seller_is_of_no_use(mine: Shop, theirs: Shop, kept: Any) -> None:
    who = owner(mine.seller)
    session = who.client.session
    session[SELLER_KEY] = (
        {"pk": theirs.seller.pk, "code": "THEIRS"}.get(kept, kept) if isinstance(kept, str) else kept
    )
    session[MARKETPLACE_KEY] = "THEIRS"
    session.save()
    assert len(dashboard(who.dashboard("per_page=100")).rows) == 36
    assert SECRET not in who.dashboard().content.decode()


def test_a3_another_sellers_pages_answer_in_the_words_of_nothing_there(mine: Shop, theirs: Shop) -> None:
    who = owner(mine.seller)
    offer = Offer.objects.filter(seller=theirs.seller).earliest("pk")
    for name in ("offer", "offer-feedback", "offer-feedback-csv", "offer-history-csv"):
        other, nothing = (who.client.get(reverse(name, args=[number])) for number in (offer.pk, 10**9))
        assert other.status_code == nothing.status_code == 404, name
        assert page(other).text == page(nothing).text
    assert page(who.switch(theirs.seller)).text == page(who.switch(10**9)).text


def test_a3_a_person_of_two_sellers_sees_one_at_a_time(mine: Shop, theirs: Shop) -> None:
    who = owner(mine.seller)
    MembershipFactory(user=who.user, seller=theirs.seller, role=Role.VIEWER)
    who.switch(mine.seller)
    assert SECRET not in who.dashboard("per_page=100").content.decode()
    who.switch(theirs.seller)
    assert len(dashboard(who.dashboard("per_page=100")).rows) == len(Tile) + 1


@pytest.mark.parametrize("role", Role.values)
def test_f6_every_member_reads(mine: Shop, role: str) -> None:
    who = member(mine.seller, role)
    assert len(dashboard(who.dashboard("per_page=100")).rows) == 36
    assert "as an operator" not in who.dashboard().content.decode()


def test_f6_an_operator_reads_every_sellers_page_and_it_is_marked(mine: Shop, theirs: Shop) -> None:
    who = operator()
    for shop, number in ((mine, 36), (theirs, len(Tile) + 1)):
        who.switch(shop.seller)
        shown = dashboard(who.dashboard("per_page=100"))
        assert len(shown.rows) == number
        (note,) = [note.text for note in shown.root.all("div", "plain")]
        assert note.startswith(f"You are reading the pages of {shop.seller.name} as an operator.")
        assert note.endswith("Acting for a seller isn't possible.")


def test_f6_an_operator_who_has_chosen_nobody_is_asked_whom(mine: Shop) -> None:
    answer = operator().dashboard()
    assert (answer.status_code, answer.headers["Location"]) == (302, "/switch/")


def test_the_frame_knows_the_sellers_unread_notices(mine: Shop, theirs: Shop) -> None:
    for shop, number in ((mine, 2), (theirs, 1)):
        for _ in range(number):
            NotificationFactory(seller=shop.seller)
        NotificationFactory(seller=shop.seller, read_at=NOW)
    who, reader = owner(mine.seller), operator()
    assert who.dashboard().wsgi_request.place.unread == 2
    for shop, number in ((mine, 2), (theirs, 1)):
        reader.switch(shop.seller)
        assert reader.dashboard().wsgi_request.place.unread == number
    assert stranger().dashboard().wsgi_request.place.unread == 0


def test_f6_an_operator_who_is_a_member_acts_as_one(mine: Shop) -> None:
    who = Person(UserFactory(is_staff=True))
    MembershipFactory(user=who.user, seller=mine.seller, role=Role.EDITOR)
    assert "as an operator" not in who.dashboard().content.decode()


def test_a_person_without_a_seller_is_told_whom_to_ask(mine: Shop) -> None:
    answer = person().dashboard()
    assert answer.status_code == 200
    assert page(answer).one("h2").text == "You don't belong to a seller yet"
    assert "Ask the owner of your seller account to add you" in page(answer).text
    assert page(stranger().dashboard()).one("h1").text == "Voice of the Customer"


def test_a_seller_without_offers_is_told_what_to_bring_and_no_filter_breaks_that() -> None:
    who = owner(SellerFactory())
    for query in ("", "q=kettle&band=poor&page=3&sort=-rate", "mp=US"):
        answer = who.dashboard(query)
        assert answer.status_code == 200
        root = page(answer)
        assert root.one("div", "empty").one("h2").text == "There are no offers yet"
        assert {head.text for head in root.all("h2")} >= {"1. Offers", "2. Orders", "3. Feedback"}
        assert not root.all("table")
    assert who.csv().status_code == 200


def _everything(model: Any) -> list[dict[str, Any]]:
    return list(model.objects.order_by("pk").values())


def test_a5_closing_every_offer_leaves_the_account_as_it_was(mine: Shop) -> None:
    who, somebody = owner(mine.seller), UserFactory(is_staff=True)
    before = [_everything(model) for model in (Seller, Membership, User)]
    for offer in Offer.objects.filter(status=Status.LIVE):
        close_by_hand(offer_id=offer.pk, by=somebody, reason="Recalled.")
    assert [_everything(model) for model in (Seller, Membership, User)] == before
    shown = dashboard(who.dashboard("per_page=100"))
    assert len(shown.rows) == 36
    note = shown.root.one("div", "vp").text
    assert note.startswith("28 offers are closed.")
    assert "Closures don't affect your seller account." in note
    assert "NCX rates and CX health never lead to account-level action." in shown.root.one("footer").text
    assert who.switch(mine.seller).status_code == 302
