"""A page that was drawn is shown again only while everything in it is the same (issue 4, 5)."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from health import actions
from health.models import OfferHealth, SellerSummary, Tile
from offers.models import Offer
from tests.factories import NotificationFactory, SavedViewFactory
from tests.pages.people import Person, member, operator, owner
from tests.pages.shops import Shop, every_tile
from vocdash.pages import kept_pages

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    kept_pages.forget_pages()
    yield
    kept_pages.forget_pages()


@pytest.fixture
def shop() -> Shop:
    return every_tile()


def text(who: Person, query: str = "") -> str:
    return re.sub(r'value="\w{64}"', "", who.dashboard(query).content.decode())


def test_5_the_same_page_is_drawn_once_and_each_form_has_its_own_token(shop: Shop) -> None:
    who = Person(owner(shop.seller).user, Client(enforce_csrf_checks=True))
    pages = [who.dashboard().content.decode() for _ in range(3)]
    assert len(kept_pages._kept) == 1
    found = [set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)) for page in pages]
    assert [len(tokens) for tokens in found] == [1, 1, 1]
    assert len(set().union(*found)) == 3
    form = {"name": "Mine", "query": "band=poor", "csrfmiddlewaretoken": found[-1].pop()}
    assert who.client.post(reverse("view-save"), {**form, "csrfmiddlewaretoken": "x" * 64}).status_code == 403
    assert who.client.post(reverse("view-save"), form).status_code == 302
    # What was just done is told once, on a page that nobody else gets.
    told, after = text(who), text(who)
    assert ("View “Mine” saved." in told, "View “Mine” saved." in after) == (True, False)
    assert "Mine" in after
    assert len(kept_pages._kept) == 2


def test_5_whatever_changes_is_on_the_next_page(shop: Shop) -> None:
    who = owner(shop.seller)
    seen = [text(who)]

    def differs() -> None:
        page = text(who)
        assert page not in seen
        assert text(who) == page
        seen.append(page)

    row = OfferHealth.objects.filter(tile=Tile.VERY_POOR).select_related("offer")[0]
    Offer.objects.filter(pk=row.pk).update(title="Another title")
    differs()
    OfferHealth.objects.filter(pk=row.pk).update(ncx_orders=7)
    differs()
    NotificationFactory(seller=shop.seller)
    differs()
    SavedViewFactory(user=who.user, seller=shop.seller, name="By hand")
    differs()
    actions.close_by_hand(offer_id=row.pk, by=who.user, reason="a reason")
    differs()
    summary = SellerSummary.objects.get(seller=shop.seller)
    summary.counts = {**summary.counts, "1": 77}
    summary.save()
    differs()
    type(shop.seller).objects.filter(pk=shop.seller.pk).update(name="Renamed shop")
    differs()
    who.client.cookies["theme"] = "dark"
    differs()
    who.client.cookies["django_language"] = "fr"
    differs()


def test_5_nobody_gets_the_page_of_somebody_else(shop: Shop) -> None:
    first, other = owner(shop.seller), Shop()
    other.add(title="Nobody else's")
    other.counted()
    viewer, stranger, reader = member(shop.seller), owner(other.seller), operator()
    reader.switch(shop.seller)
    pages = [text(who) for who in (first, stranger, reader)]
    assert len(set(pages)) == 3
    assert "Nobody else" in pages[1]
    assert "as an operator" in pages[2]
    assert text(viewer) == pages[0]
    SavedViewFactory(user=first.user, seller=shop.seller, name="Only mine")
    assert "Only mine" in text(first)
    assert "Only mine" not in text(viewer)


def test_5_what_is_kept_stays_within_bounds(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_pages, "MOST_KEPT", 2)
    who = owner(shop.seller)
    for query in ("", "band=poor", "band=good", "q=x"):
        who.dashboard(query)
    assert len(kept_pages._kept) == 2
