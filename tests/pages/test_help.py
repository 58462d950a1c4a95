"""The help pages: public, about one marketplace, written from its active policy (PRODUCT A1)."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from health.bands import above, posterior
from health.models import HealthPolicy
from health.policy_actions import activate, create_draft
from offers.models import Marketplace
from tests.factories import MarketplaceFactory, SellerFactory, SummaryFactory
from tests.pages.people import Person, operator, owner, person, queries
from tests.pages.reading import Element, page
from vocdash.pages.formats import ENGLISH
from vocdash.pages.help_numbers import points, share
from vocdash.pages.help_pages import SPECS

pytestmark = pytest.mark.django_db
NAMES = [spec.name for spec in SPECS]
BY_POLICY = [spec.name for spec in SPECS if spec.by_policy]
A_DAY = datetime(2026, 10, 2, 3, tzinfo=UTC)
"""The first of October in New York."""


def a_marketplace(code: str = "US", **numbers: Any) -> Marketplace:
    """A marketplace whose active policy has these numbers, in force since A_DAY."""
    marketplace = MarketplaceFactory(code=code)
    draft = create_draft(marketplace=marketplace, by=None, numbers=numbers)
    activate(policy_id=draft.pk, by=None, reason="A test")
    HealthPolicy.objects.filter(pk=draft.pk).update(activated_at=A_DAY)
    return marketplace


def read(name: str, query: str = "", client: Client | None = None, language: str = "en") -> Element:
    headers = {"Accept-Language": language}
    answer = (client or Client()).get(reverse(name) + query, headers=headers)
    assert answer.status_code == 200
    return page(answer)


def main(root: Element) -> Element:
    return root.one("main")


def example(root: Element) -> list[Element]:
    """The steps of the worked example."""
    return root.one("article").one("ol").all("li")


def hrefs(root: Element) -> list[str]:
    return [link.attributes["href"] for link in root.all("a")]


@pytest.mark.parametrize("name", [*NAMES, "help"])
def test_a1_every_help_page_is_readable_signed_out_with_ways_in(name: str) -> None:
    a_marketplace()
    root = read(name)
    assert len(root.all("h1")) == 1
    assert "/accounts/login/" in hrefs(root.one("header"))
    foot = hrefs(root.one("footer"))
    assert {"/accounts/login/", "/start-selling/", "/help/", "/support/"} <= set(foot)


@pytest.mark.parametrize("name", BY_POLICY)
def test_a1_each_page_links_the_others_the_help_centre_and_support(name: str) -> None:
    a_marketplace()
    links = {link.partition("?")[0] for link in hrefs(main(read(name)))}
    others = {reverse(other) for other in BY_POLICY if other != name}
    assert others | {reverse("help"), reverse("support")} <= links


@pytest.mark.parametrize("name", NAMES)
def test_the_contents_of_a_page_are_its_headings(name: str) -> None:
    a_marketplace()
    root = main(read(name))
    contents = root.one("nav", **{"aria-labelledby": "contents"}).all("a")
    headings = root.one("article").all("h2")
    assert [link.attributes["href"] for link in contents] == [
        f"#{head.attributes['id']}" for head in headings
    ]
    assert [link.text for link in contents] == [head.text for head in headings]


@pytest.mark.parametrize("name", [*BY_POLICY, "help"])
def test_a1_a_page_says_which_marketplace_it_is_about_and_leads_to_the_others(name: str) -> None:
    a_marketplace("CA", grace_days=20)
    a_marketplace("US")
    root = read(name, "?marketplace=US")
    applies = root.one("div", id="applies")
    assert "This page applies to Marketplace US . Policy v1, in force since 1 Oct 2026." in applies.text
    assert hrefs(applies) == ["?marketplace=CA"]
    # The other pages are then about the same marketplace.
    links = [link for link in hrefs(main(root)) if link.startswith("/help/") and "?" in link]
    assert links
    assert all(link.endswith("?marketplace=US") for link in links)


def test_a1_an_unknown_marketplace_is_not_found() -> None:
    a_marketplace()
    assert Client().get(reverse("help-cx-health") + "?marketplace=XX").status_code == 404


@pytest.mark.parametrize("name", [*NAMES, "help"])
def test_a_site_without_a_marketplace_or_a_policy_says_so(name: str) -> None:
    root = read(name)
    if name in {*BY_POLICY, "help"}:
        assert "There is no marketplace here yet" in root.one("div", id="applies").text
        MarketplaceFactory()
        assert "No policy is active there yet" in read(name).one("div", id="applies").text


def test_a1_signed_in_the_page_is_about_the_chosen_marketplace() -> None:
    seller = SellerFactory(name="Juniper shop")
    for code in ("CA", "DE", "US"):
        SummaryFactory(seller=seller, marketplace=a_marketplace(code))
    who = owner(seller)
    assert "Marketplace CA" in read("help-resolve", client=who.client).one("div", id="applies").text
    who.switch(seller, "US")
    root = read("help-resolve", client=who.client)
    assert "Marketplace US" in root.one("div", id="applies").text
    assert "Juniper shop" in root.one("header").text
    assert "Marketplace DE" in read("help-resolve", "?marketplace=DE", who.client).one("main").text


@pytest.mark.parametrize("name", [*NAMES, "help"])
def test_a1_no_sellers_data_stands_on_a_help_page(name: str) -> None:
    seller = SellerFactory(name="Juniper shop", code="JUNIPER")
    SummaryFactory(seller=seller, marketplace=a_marketplace())
    for client in (Client(), operator().client, owner(SellerFactory()).client, person().client):
        html = client.get(reverse(name)).content.decode()
        assert "Juniper" not in html
        assert "JUNIPER" not in html


OTHER_NUMBERS = {
    "long_window_days": 91, "short_window_days": 41, "short_window_min_orders": 140, "relist_weight": 0.35,
    "worsen_nights": 1, "improve_nights": 2, "close_nights": 6, "close_min_n": 17, "close_min_k": 8,
    "close_min_c": 7, "close_gate": 0.965, "cluster_min_customers": 9, "cluster_order_days": 11,
    "cluster_event_days": 13, "cluster_newest_divisor": 7, "grace_days": 23, "grace_orders": 44,
    "vp_gate": 0.93, "poor_gate": 0.83, "good_gate": 0.73, "exc_gate": 0.94, "gate_hold": 0.12,
    "exc_ratio": 0.65, "good_ratio": 0.95, "poor_ratio": 1.7, "vp_ratio": 2.4, "poor_margin": 0.012,
    "vp_margin": 0.034, "vp_min_k": 6, "vp_min_c": 5, "poor_min_k": 4, "poor_min_c": 4, "rate_min_n": 16,
    "good_min_clean": 18, "exc_min_clean": 27, "hold_customer_share": 0.45, "close_min_weight": 123,
    "kappa": 110, "refresh_share": 0.22, "price_band_min_priced": 48, "price_band_points": [0.3, 0.6],
}  # fmt: skip
THEIR_WORDS = (
    "the last 91 days make up the total", "140 orders or more in the last 41 days", "count 35% from then on",
    "only after 1 night whose", "better after 2 nights whose", "closed after 6 nights in a row",
    "at least 17 orders, with at least 8 NCX orders, at least 7 of them", "at least 96.5% likely",
    "at least 9 different customers", "the orders of any 11 days", "the complaints of any 13 days",
    "the newest 13 days (5 where 41 days count)", "before 23 days have passed and 44 orders",
    "fallen 12 percentage points below",
    "At least 94% likely that its underlying rate is below 0.65 times the usual one, with 27 orders",
    "At least 73% likely that its underlying rate is below 0.95 times the usual one, with 18 orders",
    ("At least 83% likely that its underlying rate is more than 1.7 times the usual one and at least 1.2 "
    "percentage points above it, with 4 NCX orders or more, 4 of them with a comment"),
    ("At least 93% likely that its underlying rate is more than 2.4 times the usual one and at least 3.4 "
    "percentage points above it, with 6 NCX orders or more, 5 of them with a comment"),
    "fewer than 16 orders, fewer than 4 NCX orders or fewer than 4 comments", "No order in the last 91 days",
    "less than 45% of the complaints", "at least 123 orders of similar offers", "as much as 110 orders",
    "by more than 22%", "at least 48 offers that have a price is divided into 3 price bands",
    "min(max(2.4m, m + 0.034), 0.5 + 0.5m)", "min(max(1.7m, m + 0.012), 0.25 + 0.75m)",
)  # fmt: skip


def test_a1_every_number_of_the_cx_health_page_comes_from_the_active_policy() -> None:
    a_marketplace("US")
    a_marketplace("CA", **OTHER_NUMBERS)
    usual = main(read("help-cx-health", "?marketplace=US")).text
    other = main(read("help-cx-health", "?marketplace=CA")).text
    for words in THEIR_WORDS:
        assert words in other
        assert words not in usual
    assert "the last 60 days make up the total" in usual
    assert "min(max(2m, m + 0.02), 0.5 + 0.5m)" in usual


def test_a1_a_newly_activated_version_is_what_the_page_says() -> None:
    marketplace = a_marketplace()
    draft = create_draft(marketplace=marketplace, by=None, numbers={"grace_days": 77})
    assert "77 days" not in main(read("help-resolve")).text
    activate(policy_id=draft.pk, by=None, reason="Longer grace")
    root = read("help-resolve")
    assert "before 77 days have passed" in main(root).text
    assert "Policy v2" in root.one("div", id="applies").text


def test_a1_where_closing_is_off_the_page_says_so() -> None:
    a_marketplace(closing_enabled=False)
    text = main(read("help-cx-health")).text
    assert "On this marketplace no offer is closed automatically." in text
    assert "in a row on which all of this holds" not in text


def test_a1_without_customer_references_a_person_looks_only_where_the_policy_says_so() -> None:
    a_marketplace("US")
    a_marketplace("CA", hold_without_customers=False)
    assert "a person looks before" in main(read("help-cx-health", "?marketplace=US")).text
    assert "a person looks before" not in main(read("help-cx-health", "?marketplace=CA")).text


def test_a1_the_worked_example_is_what_the_engine_says() -> None:
    a_marketplace()
    steps = [step.text for step in example(read("help-cx-health"))]
    a, b = posterior(*(np.array([value]) for value in (80.0, 12.0, 0.04, 60.0)))
    chance = float(above(a, b, np.array([0.06]))[0])
    assert "12 ÷ 80 = 15.0%" in steps[0]
    assert "(4.0% × 60 + 12) ÷ (60 + 80) = 10.3%" in steps[2]
    assert (
        f"Poor begins at 6.0%. The chance that the underlying rate is above that is {int(chance * 100)}%"
        in steps[3]
    )
    assert steps[5].endswith("Poor")
    assert "73 more orders in a row" in steps[6]


def test_a1_under_another_policy_the_same_example_comes_to_another_level() -> None:
    a_marketplace(vp_gate=0.8, poor_gate=0.75)
    root = main(read("help-cx-health"))
    assert example(root)[5].text.endswith("Very poor")
    row = next(row for row in root.all("tr") if row.attributes.get("aria-current") == "true")
    assert row.all("td")[-1].text == "Very poor the example"


def test_a1_the_levels_are_shown_with_their_shapes_and_names() -> None:
    a_marketplace()
    table = main(read("help-cx-health")).all("table")[0]
    heads = [row.one("th") for row in table.one("tbody").all("tr")]
    names = [head.text for head in heads]
    assert names == [
        "Excellent", "Good", "Fair", "Poor", "Very poor", "Insufficient Feedback", "No recent orders",
        "Listing deleted",
    ]  # fmt: skip
    assert all(head.all("svg") for head in heads)


@pytest.mark.parametrize("name", ["support", "start-selling"])
def test_a1_support_names_the_address_or_says_whom_to_ask(name: str, settings: Settings) -> None:
    settings.SUPPORT_EMAIL = ""
    root = main(read(name))
    assert "Ask the operator of your marketplace" in root.text
    assert not [link for link in hrefs(root) if link.startswith("mailto:")]
    settings.SUPPORT_EMAIL = "help@shop.example"
    assert "mailto:help@shop.example" in hrefs(main(read(name)))


@pytest.mark.parametrize("name", NAMES)
def test_a4_help_is_there_in_french(name: str) -> None:
    a_marketplace()
    root = main(read(name, language="fr-CA"))
    assert "Sur cette page" in root.text
    assert "On this page" not in root.text


def test_a5_every_page_about_the_method_says_that_the_account_is_untouched() -> None:
    a_marketplace()
    for name in BY_POLICY:
        assert "your seller account stay as they are" in main(read(name)).text


def test_help_is_only_read() -> None:
    assert Client().post(reverse("help-cx-health")).status_code == 405


@pytest.mark.parametrize("name", [*NAMES, "help"])
def test_a_help_page_needs_two_queries_and_its_frame(name: str) -> None:
    seller = SellerFactory()
    SummaryFactory(seller=seller, marketplace=a_marketplace())
    who: Person = owner(seller)
    assert len(queries(lambda: Client().get(reverse(name)))) == 2  # marketplaces, since when
    # And memberships, and the seller's marketplaces.
    assert len(queries(lambda: who.client.get(reverse(name)))) == 4


@pytest.mark.parametrize(("value", "words"), [(0.8, "80%"), (0.875, "87.5%"), (0.29, "29%"), (1.0, "100%")])
def test_shares_have_decimals_only_where_they_say_something(value: float, words: str) -> None:
    assert share(value, ENGLISH) == words
    assert points(value, ENGLISH).startswith(words.rstrip("%"))
