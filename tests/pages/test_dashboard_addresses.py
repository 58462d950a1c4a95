"""Everything in the address: links and forms keep the rest of it; htmx gets a part (PRODUCT B4)."""

from typing import Any

import pytest

from health.models import Tile
from tests.factories import SavedViewFactory
from tests.pages.people import Person, owner
from tests.pages.reading import DashboardRead, Element, asked, dashboard
from tests.pages.shops import Shop

pytestmark = pytest.mark.django_db
FULL = (
    "q=kettle+%26&band=poor&band=fair&status=open&status=new&ch=seller&mp=US&reason=defective"
    "&updated=60&sort=-rate&page=2&per_page=50"
)
NOTHING = "q=no+such+offer&sort=-rate&per_page=50"
ONE_AT_A_TIME = [pair for pair in FULL.split("&") if not pair.startswith("page=")]


@pytest.fixture
def who() -> Person:
    """The owner of a seller on two marketplaces with so many offers that three pages of 50 match FULL."""
    first = Shop(code="US")
    for _ in range(130):
        first.add(Tile.POOR, title="Kettle & lid", top_reason="defective", top_reason_orders=1)
    first.counted()
    second = Shop(first.seller, code="CA")
    second.add(Tile.FAIR)
    second.counted()
    made = owner(first.seller)
    SavedViewFactory(user=made.user, seller=first.seller, name="Mine", query="band=good&sort=stars")
    return made


def state_of(query: str) -> dict[str, list[str]]:
    """What stays in the links: everything but the page."""
    return {name: values for name, values in asked(f"?{query}").items() if name != "page"}


def changed(address: str, query: str) -> set[str]:
    """The parameters in which an address differs from the page's own."""
    there, here = asked(address), asked(f"?{query}")
    return {name for name in {*there, *here} if there.get(name) != here.get(name)}


def region(page: DashboardRead) -> Element:
    return page.root.one("div", id="offers-region")


def is_fixed(link: Element, page: DashboardRead) -> bool:
    """Whether a link leads to a list of its own: a saved view, or no filter at all."""
    views = page.root.one("nav", "views").all("a")
    return any(link is view for view in views) or link.text == "Clear all"


@pytest.mark.parametrize("query", [FULL, *ONE_AT_A_TIME, "", NOTHING])
def test_b4_every_link_changes_one_thing_and_keeps_the_rest(who: Person, query: str) -> None:
    page = dashboard(who.dashboard(query))
    links = [link for link in region(page).all("a") if link.attributes["href"].startswith("?")]
    assert len(links) > 25
    for link in links:
        if not is_fixed(link, page):
            differs = changed(link.attributes["href"], query)
            assert len(differs - {"page"}) <= 1, link.attributes["href"]
            # Only a link to another page keeps a page; all others begin at the first.
            assert differs <= {"page"} or "page" not in asked(link.attributes["href"])


def test_b4_links_of_the_grid_say_what_they_change(who: Person) -> None:
    page = dashboard(who.dashboard(FULL))
    changes = {
        frozenset(changed(link.attributes["href"], FULL) - {"page"})
        for link in region(page).all("a")
        if link.attributes["href"].startswith("?") and not is_fixed(link, page)
    }
    one = [frozenset({name}) for name in ("q", "band", "status", "ch", "mp", "reason", "updated", "sort")]
    assert changes == {frozenset(), *one}


def test_b4_clear_all_clears_the_filters_and_keeps_order_and_page_size(who: Person) -> None:
    page = dashboard(who.dashboard(FULL))
    (clear,) = [link for link in region(page).all("a") if link.text == "Clear all"]
    assert asked(clear.attributes["href"]) == {"sort": ["-rate"], "per_page": ["50"]}


def submitted(form: Element) -> dict[str, list[str]]:
    """What a browser sends of this form as it stands."""
    sent: dict[str, list[str]] = {}
    for field in form.all("input"):
        kind = field.attributes.get("type", "text")
        if "name" in field.attributes and (
            kind not in {"checkbox", "radio"} or "checked" in field.attributes
        ):
            sent.setdefault(field.attributes["name"], []).append(field.attributes.get("value", ""))
    for select in form.all("select"):
        (option,) = select.all("option", selected="")
        sent.setdefault(select.attributes["name"], []).append(option.attributes["value"])
    return {name: values for name, values in sent.items() if values != [""]}


@pytest.mark.parametrize("query", [FULL, *ONE_AT_A_TIME, "", NOTHING])
def test_b4_the_form_sends_what_the_address_says(who: Person, query: str) -> None:
    page = dashboard(who.dashboard(query))
    (form,) = [form for form in region(page).all("form") if form.attributes["method"] == "get"]
    assert form.attributes["action"] == "/voc/"
    sent = submitted(form)
    assert sent.pop("per_page", ["25"]) == state_of(query).get("per_page", ["25"])
    expected = {name: sorted(values) for name, values in state_of(query).items() if name != "per_page"}
    assert {name: sorted(values) for name, values in sent.items()} == expected


def test_b4_download_and_saved_view_take_the_same_state(who: Person) -> None:
    page = dashboard(who.dashboard(FULL))
    (download,) = [a for a in page.root.all("a") if a.attributes["href"].startswith("/voc/export.csv")]
    assert asked(download.attributes["href"]) == state_of(FULL)
    kept = page.root.one("input", name="query").attributes["value"]
    assert asked(f"?{kept}") == state_of(FULL)


def test_b4_a_view_of_ones_own_leads_to_what_was_saved(who: Person) -> None:
    page = dashboard(who.dashboard("band=good&sort=stars"))
    (mine,) = [view for view in page.root.one("nav", "views").all("a") if view.text == "Mine"]
    assert mine.attributes == {"href": "?band=good&sort=stars", "aria-current": "page"}


def answers(who: Person) -> tuple[Any, Any]:
    return who.dashboard(FULL), who.fragment(FULL)


def test_b4_htmx_gets_the_part_that_changes_and_caches_tell_the_two_apart(who: Person) -> None:
    whole, part = answers(who)
    assert "HX-Request" in whole.headers["Vary"]
    assert "HX-Request" in part.headers["Vary"]
    assert "<html" not in part.content.decode()
    assert part.content.decode().strip().startswith('<div id="offers-region"')
    assert dashboard(part).skus == dashboard(whole).skus
    # The download stands outside that part, and goes along with it.
    for answer, swapped in ((whole, None), (part, "true")):
        export = dashboard(answer).root.one("a", id="export")
        assert asked(export.attributes["href"]) == state_of(FULL)
        assert export.attributes.get("hx-swap-oob") == swapped
    without_token = [region(dashboard(answer)).text for answer in (whole, part)]
    assert without_token[0] == without_token[1]


def test_b4_htmx_restoring_a_page_it_has_forgotten_gets_the_whole_page(who: Person) -> None:
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in who.dashboard(FULL, headers=headers).content.decode()


def test_b4_everything_that_htmx_takes_over_is_a_real_link_or_form_first(who: Person) -> None:
    page = dashboard(who.dashboard(FULL))
    for element in page.root.all():
        assert not {"hx-get", "hx-post"} & set(element.attributes)
        if element.tag == "a" and element.text != "Try again":  # which asks for this very page
            assert element.attributes["href"] not in {"", "#"}


def test_b4_more_parameters_than_anybody_needs_are_refused_plainly(who: Person) -> None:
    assert who.dashboard("&".join(["band=poor"] * 1001)).status_code == 400


def test_only_reading_is_allowed(who: Person) -> None:
    assert who.client.post("/voc/").status_code == 405
    assert who.client.post("/voc/export.csv").status_code == 405
