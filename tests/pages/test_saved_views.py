"""Filters saved under a name: one's own, and nobody else's (PRODUCT B4)."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from health.models import SavedView, Tile
from health.saved_views import MOST_VIEWS
from tests.factories import MembershipFactory, SavedViewFactory, SellerFactory
from tests.pages.people import Person, member, operator, owner, person, stranger
from tests.pages.reading import asked, dashboard
from tests.pages.shops import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    """A shop with one offer."""
    made = Shop()
    made.add(Tile.POOR)
    return made.counted()


@pytest.fixture
def who(shop: Shop) -> Person:
    """The shop's owner."""
    return owner(shop.seller)


def save(who: Person, name: str, query: str = "band=poor") -> Any:
    return who.client.post("/voc/views/", {"name": name, "query": query})


def forget(who: Person, view: SavedView | int) -> Any:
    number = view if isinstance(view, int) else view.pk
    return who.client.post(f"/voc/views/{number}/delete/")


def said(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def named(who: Person) -> dict[str, str]:
    """The person's own views as the page shows them, with where they lead."""
    views = dashboard(who.dashboard()).root.one("nav", "views").all("a")
    return {view.text: view.attributes["href"] for view in views[4:]}


def test_b4_a_view_is_saved_and_leads_back_to_its_filter(who: Person) -> None:
    answer = save(who, "Poor ones", "band=poor&band=fair&q=a+%26+b&sort=-rate&per_page=50&page=3")
    assert (answer.status_code, said(answer)) == (302, ["View “Poor ones” saved."])
    expected = {"band": ["poor", "fair"], "q": ["a & b"], "sort": ["-rate"], "per_page": ["50"]}
    assert asked(answer.headers["Location"]) == expected
    (address,) = named(who).values()
    assert asked(address) == expected
    shown = dashboard(who.dashboard(address.removeprefix("?")))
    (current,) = shown.root.one("nav", "views").all("a", **{"aria-current": "page"})
    assert current.text == "Poor ones"


def test_b4_the_same_name_again_replaces_the_view(who: Person) -> None:
    save(who, "Mine", "band=poor")
    save(who, "  Mine ", "band=good")
    assert named(who) == {"Mine": "?band=good"}


def test_b4_a_view_is_forgotten(who: Person) -> None:
    save(who, "Mine")
    answer = forget(who, SavedView.objects.get())
    assert (answer.status_code, said(answer)[-1]) == (302, "View deleted.")
    assert named(who) == {}
    assert forget(who, 1).status_code == 404


def test_b4_a_view_of_somebody_else_is_neither_seen_nor_deleted(who: Person, shop: Shop) -> None:
    save(who, "Mine")
    view = SavedView.objects.get()
    for other in (member(shop.seller), stranger(), operator(), person()):
        assert forget(other, view).status_code == 404
    assert SavedView.objects.filter(pk=view.pk).exists()
    assert named(member(shop.seller)) == {}


def test_b4_two_people_of_a_seller_may_use_the_same_name(who: Person, shop: Shop) -> None:
    colleague = member(shop.seller)
    save(who, "Mine", "band=poor")
    save(colleague, "Mine", "band=good")
    assert (named(who), named(colleague)) == ({"Mine": "?band=poor"}, {"Mine": "?band=good"})


def test_b4_views_belong_to_one_seller(who: Person) -> None:
    other = Shop(SellerFactory(name="Other shop"))
    other.add(Tile.FAIR)
    other.counted()
    MembershipFactory(user=who.user, seller=other.seller)
    save(who, "Here")
    who.switch(other.seller)
    assert named(who) == {}


@pytest.mark.parametrize("name", ["", "   ", "\t\n"])
def test_b4_a_view_needs_a_name(who: Person, name: str) -> None:
    answer = save(who, name)
    assert said(answer) == ["Enter a name for the view."]
    assert answer.headers["Location"] == "/voc/?band=poor"  # what was filtered is not lost
    assert not SavedView.objects.exists()


def test_b4_a_name_has_at_most_60_characters(who: Person) -> None:
    assert said(save(who, "x" * 61)) == ["The name must be 60 characters or fewer. It's 61 now."]
    save(who, "é" * 60)
    assert list(named(who)) == ["é" * 60]


@pytest.mark.parametrize("query", ["", "page=2", "band=nonsense", "per_page=25", "%00"])
def test_b4_without_a_filter_there_is_nothing_to_save(who: Person, query: str) -> None:
    assert said(save(who, "Everything", query)) == ["Choose a filter first: All offers is there already."]
    assert not SavedView.objects.exists()


def test_b4_there_is_room_for_twenty_views(who: Person, shop: Shop) -> None:
    for number in range(MOST_VIEWS):
        SavedViewFactory(user=who.user, seller=shop.seller, name=f"View {number:02}")
    assert said(save(who, "One more")) == ["You have 20 views. Delete one first."]
    assert len(named(who)) == MOST_VIEWS
    save(who, "View 07", "band=good")  # replacing needs no room
    assert named(who)["View 07"] == "?band=good"


def test_b4_names_are_escaped_and_nul_is_taken_out(who: Person) -> None:
    save(who, "<b>\x00&amp;")
    page = dashboard(who.dashboard())
    assert "<b>&amp;" in page.root.one("nav", "views").text
    assert "<b>" not in page.html.partition('class="views"')[2].partition("</nav>")[0]


def test_b4_what_is_saved_is_what_the_grid_understands(who: Person) -> None:
    save(who, "Odd", "band=poor&x=<script>&next=//elsewhere.example&seller=7&sort=nonsense")
    assert SavedView.objects.get().query == "band=poor"
    answer = save(who, "Long", "q=" + "y" * 100_000)
    assert answer.status_code == 302
    assert SavedView.objects.get(name="Long").query == "q=" + "y" * 200


def test_b4_viewers_and_operators_keep_views_of_their_own(shop: Shop) -> None:
    for who in (member(shop.seller), operator()):
        who.switch(shop.seller)
        save(who, "Mine")
        assert named(who) == {"Mine": "?band=poor"}


def test_b4_a_person_without_a_seller_has_nothing_to_save() -> None:
    assert save(person(), "Mine").status_code == 404


def test_b4_views_change_by_a_form_with_its_token_only(who: Person, shop: Shop) -> None:
    view = SavedViewFactory(user=who.user, seller=shop.seller)
    assert who.client.get("/voc/views/").status_code == 405
    assert who.client.get(f"/voc/views/{view.pk}/delete/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(who.user)
    assert strict.post("/voc/views/", {"name": "x", "query": "band=poor"}).status_code == 403
    assert strict.post(f"/voc/views/{view.pk}/delete/").status_code == 403
    assert SavedView.objects.count() == 1


@pytest.mark.parametrize("number", [0, 10**18, 10**30])
def test_b4_a_view_that_never_was_answers_404(who: Person, number: int) -> None:
    assert forget(who, number).status_code == 404
