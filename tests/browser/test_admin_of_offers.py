"""Our own admin pages in Chromium: choices are searched, actions ask, lists are leafed through."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from offers.lifecycle import Status
from offers.models import Offer
from tests.factories import PASSWORD, CategoryFactory, HealthFactory, OfferFactory, SellerFactory, UserFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def operator(live_server: LiveServer, page: Page) -> Page:
    """Return a page on which an operator has signed in to the admin."""
    UserFactory(username="operator", is_staff=True, is_superuser=True)
    page.goto(f"{live_server.url}/admin/")
    page.get_by_label("Username").fill("operator")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    return page


def test_f1_a_category_is_searched_for_and_the_edit_is_saved(operator: Page, live_server: LiveServer) -> None:
    offer = OfferFactory(title="Kettle")
    for number in range(30):
        CategoryFactory(path=f"Home > Shelf {number}")
    operator.goto(f"{live_server.url}/admin/offers/offer/{offer.pk}/change/")
    operator.locator(".field-category .select2-selection").click()
    operator.locator(".select2-search__field").fill("Shelf 17")
    operator.get_by_role("option", name="Home > Shelf 17").click()
    operator.get_by_label("Bullets").fill("Quiet\n1.7 l")
    operator.get_by_role("button", name="Save", exact=True).click()
    expect(operator.locator(".messagelist .success")).to_be_visible()
    offer.refresh_from_db()
    assert offer.category
    assert (offer.category.path, offer.bullets, offer.revision) == ("Home > Shelf 17", ["Quiet", "1.7 l"], 2)


def test_d10_an_operator_is_asked_why_before_an_offer_is_closed(
    operator: Page, live_server: LiveServer
) -> None:
    offer = OfferFactory(sku="A-1")
    HealthFactory(offer=offer)
    operator.goto(f"{live_server.url}/admin/offers/offer/")
    operator.locator(".action-select").check()
    operator.get_by_label("Action:").select_option("close")
    operator.get_by_role("button", name="Go").click()
    operator.get_by_label("Reason").fill("A recall by the maker.")
    operator.get_by_role("button", name="Close", exact=True).click()
    expect(operator.locator(".messagelist .success")).to_have_text("Close these offers by hand: done for 1.")
    expect(operator.locator(".field-status")).to_have_text("Closed")
    assert Offer.objects.get().status == Status.CLOSED


def test_f1_a_long_list_is_leafed_through(operator: Page, live_server: LiveServer) -> None:
    seller = SellerFactory()
    for number in range(60):
        OfferFactory(sku=f"A-{number:02}", seller=seller)
    operator.goto(f"{live_server.url}/admin/offers/offer/")
    expect(operator.locator(".paginator")).to_contain_text("More offers follow")
    # All on this page can be chosen; all that nobody has seen can not.
    operator.locator("#action-toggle").check()
    expect(operator.locator(".action-counter")).to_have_text("50 of 50 selected")
    expect(operator.locator(".actions .question")).to_have_count(0)
    operator.get_by_role("link", name="2", exact=True).click()
    expect(operator.locator("#result_list tbody tr")).to_have_count(10)
    expect(operator.locator(".paginator")).to_contain_text("60 offers")
    operator.locator("#searchbar").fill("A-07")
    operator.get_by_role("button", name="Search").click()
    expect(operator.locator("#result_list tbody tr")).to_have_count(1)
