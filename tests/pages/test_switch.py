"""Choosing the seller and the marketplace whose offers are shown (PRODUCT A3, A4, F6)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from offers.models import Membership, Seller
from tests.factories import A_DAY, MarketplaceFactory, SellerFactory, SummaryFactory
from tests.pages.people import Person, member, operator, owner, person, queries, stranger
from vocdash.pages.access import MARKETPLACE_KEY, SELLER_KEY
from vocdash.pages.switching import SELLERS_PER_PAGE

pytestmark = pytest.mark.django_db
ADDRESS = "/switch/"
BUTTON = re.compile(r'<button class="btn" name="marketplace" value="([^"]*)"[^>]*?( aria-current="true")?>')


def selling(*codes: str, name: str = "Shop with offers", code: str = "SHOP") -> Seller:
    """A seller with offers on these marketplaces, known for two weeks."""
    seller = SellerFactory(code=code, name=name)
    for marketplace in codes:
        for days in (0, 7):
            SummaryFactory(
                seller=seller,
                marketplace=MarketplaceFactory(code=marketplace),
                as_of=A_DAY - timedelta(days=days),
                counts={"3": 1},
            )
    return seller


def page(who: Person, query: str = "") -> str:
    answer = who.client.get(f"{ADDRESS}?{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def buttons(html: str) -> list[str]:
    """The marketplaces that can be chosen."""
    return [code for code, _current in BUTTON.findall(html)]


def current(html: str) -> list[str]:
    """The marketplaces that are marked as chosen."""
    return [code for code, marked in BUTTON.findall(html) if marked]


def kept(who: Person) -> tuple[Any, Any]:
    return who.client.session.get(SELLER_KEY), who.client.session.get(MARKETPLACE_KEY)


def header(answer: Any) -> str:
    """What the header says is chosen."""
    found = re.search(r'<summary class="acct">.*?</summary>', answer.content.decode(), re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def test_a4_one_seller_several_marketplaces_one_click_on_the_page() -> None:
    who = owner(selling("US", "CA"))
    html = page(who)
    assert buttons(html) == ["", "CA", "US"]
    assert current(html) == [""]
    assert html.count('name="seller"') == 1


def test_a4_the_menu_of_every_page_leads_to_the_switcher() -> None:
    answer = owner(selling("US", "CA")).dashboard()
    assert f'href="{ADDRESS}"' in answer.content.decode()


def test_a4_a_choice_is_kept_and_shown_in_the_header() -> None:
    seller = selling("US", "CA")
    who = owner(seller)
    assert header(who.dashboard()) == "Shop with offers All marketplaces"
    answer = who.switch(seller, "CA")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/voc/")
    assert kept(who) == (seller.pk, "CA")
    assert header(who.dashboard()) == "Shop with offers Marketplace CA"
    assert current(page(who)) == ["CA"]
    who.switch(seller)
    assert header(who.dashboard()) == "Shop with offers All marketplaces"


def test_a4_a_seller_on_one_marketplace_has_that_one_chosen() -> None:
    who = owner(selling("US"))
    html = page(who)
    assert (buttons(html), current(html)) == (["US"], ["US"])


def test_a4_a_seller_without_offers_can_be_chosen_too() -> None:
    seller = selling()
    who = owner(seller)
    assert (buttons(page(who)), current(page(who))) == ([""], [""])
    assert who.switch(seller).status_code == 302
    assert "There are no offers yet" in who.dashboard().content.decode()


def test_a4_of_several_sellers_each_is_one_click_away_with_its_own_marketplaces() -> None:
    first, second = selling("US", "CA", name="A shop", code="A"), selling("CA", name="B shop", code="B")
    who = owner(first)
    Membership.objects.create(user=who.user, seller=second, role="viewer")
    html = page(who)
    assert buttons(html) == ["", "CA", "US", "CA"]
    who.switch(second, "CA")
    assert header(who.dashboard()) == "B shop Marketplace CA"


def test_a3_a_seller_that_is_not_yours_is_not_there() -> None:
    seller, who = selling("US"), stranger()
    before = kept(who)
    assert who.switch(seller, "US").status_code == 404
    assert kept(who) == before
    assert seller.name not in page(who)
    assert seller.name not in page(who, f"q={seller.code}")


@pytest.mark.parametrize(
    "seller", ["", "0", "-1", "1.5", "one", "²", "\x00", "9" * 18, "9" * 400, "1 OR 1=1"]
)
@pytest.mark.parametrize("who", [stranger, operator])
def test_a3_what_is_no_seller_answers_404(seller: str, who: Any) -> None:
    assert who().switch(seller).status_code == 404


@pytest.mark.parametrize("code", ["CA", "us", "US ", "\x00", "X" * 5000])
def test_a4_a_marketplace_without_offers_of_the_seller_is_not_there(code: str) -> None:
    MarketplaceFactory(code="CA")
    seller = selling("US")
    who = owner(seller)
    assert who.switch(seller, code).status_code == 404
    assert kept(who) == (None, None)


def test_a_membership_that_ends_takes_the_choice_with_it() -> None:
    seller, other = selling("US"), selling("CA", name="Other shop", code="OTHER")
    who = owner(other)
    Membership.objects.create(user=who.user, seller=seller, role="viewer")
    who.switch(seller, "US")
    Membership.objects.filter(seller=seller).delete()
    assert header(who.dashboard()) == "Other shop Marketplace CA"
    assert seller.name not in page(who)


@pytest.mark.parametrize(
    ("onward", "goes_to"),
    [
        ("/voc/?band=poor", "/voc/?band=poor"),
        ("?band=poor", "?band=poor"),
        ("http://testserver/voc/", "http://testserver/voc/"),
        ("", "/voc/"),
        ("https://elsewhere.example/voc/", "/voc/"),
        ("//elsewhere.example/", "/voc/"),
        ("/\\elsewhere.example", "/voc/"),
        ("javascript:alert(1)", "/voc/"),
        ("\x00//elsewhere.example", "/voc/"),
        ("http:///elsewhere.example", "/voc/"),
    ],
)
def test_it_goes_on_within_this_site_only(onward: str, goes_to: str) -> None:
    seller = selling("US")
    answer = owner(seller).switch(seller, "US", next=onward)
    assert (answer.status_code, answer.headers["Location"]) == (302, goes_to)


def test_the_way_on_is_carried_through_the_page() -> None:
    html = page(owner(selling("US")), "next=/voc/%3Fq%3D%22%3E%3Cb%3E")
    assert '<input type="hidden" name="next" value="/voc/?q=&quot;&gt;&lt;b&gt;">' in html
    assert "<b>" not in html.partition("<main")[2]


def test_f6_an_operator_starts_with_the_search_and_reads_any_seller() -> None:
    seller, who = selling("US", "CA"), operator()
    assert buttons(page(who)) == ["", "CA", "US"]
    assert current(page(who)) == []
    assert who.switch(seller, "CA").status_code == 302
    answer = who.dashboard()
    assert answer.status_code == 200
    assert header(answer) == "Shop with offers Marketplace CA"
    assert "You are reading the pages of Shop with offers as an operator" in answer.content.decode()


def test_f6_an_operator_finds_a_seller_by_name_and_code() -> None:
    for number in range(3):
        selling("US", name=f"Blue shop {number}", code=f"BLUE-{number}")
    selling("US", name="100%_red", code="RED")
    who = operator()
    assert "BLUE-1" in page(who, "q=lue-1")
    assert page(who, "q=blue+shop").count('name="seller"') == 3
    assert page(who, "q=%25_").count('name="seller"') == 1  # % and _ mean themselves
    html = page(who, "q=green%22%3E")
    assert "No sellers match “green&quot;&gt;”" in html
    assert page(who, "q=%00").count('name="seller"') == 4


def test_f6_an_operator_leafs_through_all_sellers_and_none_is_counted() -> None:
    Seller.objects.bulk_create(
        Seller(code=f"S-{n:03}", name=f"Shop {n % 7}") for n in range(2 * SELLERS_PER_PAGE + 3)
    )
    who, seen = operator(), []
    html = page(who)
    for number in (1, 2, 3):
        seen += re.findall(r"S-\d{3}", html)
        following = re.search(r'href="(\?[^"]+)">Next page', html)
        assert bool(following) == (number < 3)
        assert ("Previous page" in html) == (number > 1)
        if following:
            html = page(who, following[1].removeprefix("?").replace("&amp;", "&"))
    assert len(seen) == len(set(seen)) == 2 * SELLERS_PER_PAGE + 3


def test_f6_leafing_keeps_the_search_and_the_way_on() -> None:
    Seller.objects.bulk_create(Seller(code=f"S-{n:03}", name="Shop & sons") for n in range(60))
    html = page(operator(), "q=shop+%26&next=/voc/%3Fq%3D1&page=2")
    assert 'href="?q=shop+%26&amp;next=%2Fvoc%2F%3Fq%3D1"' in html
    assert 'href="?q=shop+%26&amp;page=3&amp;next=%2Fvoc%2F%3Fq%3D1"' in html


@pytest.mark.parametrize("number", ["0", "-1", "x", "²", "99999999", "9" * 300, "\x00"])
def test_any_page_number_is_answered(number: str) -> None:
    selling("US")
    assert operator().client.get(ADDRESS, {"page": number}).status_code == 200


@pytest.mark.parametrize("sellers", [1, 40])
def test_f6_the_operators_page_asks_five_queries_whatever_there_is(sellers: int) -> None:
    for number in range(sellers):
        selling("US", "CA", name=f"Shop {number}", code=f"S-{number}")
    who = operator()
    who.switch(Seller.objects.earliest("name"), "US")
    asked = queries(lambda: page(who, "q=shop"))
    assert len(asked) == 5
    assert not any(sql.startswith("SELECT COUNT(") for sql in asked)


def test_an_operator_whose_seller_is_gone_can_choose_another() -> None:
    seller, who = selling("US"), operator()
    who.switch(seller)
    Seller.objects.filter(pk=seller.pk).delete()
    other = selling("US", name="Other shop", code="OTHER")
    assert "Other shop" in page(who)
    assert who.switch(other).status_code == 302
    assert who.dashboard().status_code == 200


def test_a_person_without_a_seller_is_told_so() -> None:
    selling("US")
    assert "You don't belong to a seller yet" in page(person())


def test_a_viewer_may_switch_between_marketplaces() -> None:
    seller = selling("US", "CA")
    assert member(seller).switch(seller, "CA").status_code == 302


def test_choosing_needs_the_forms_token() -> None:
    seller = selling("US")
    who = owner(seller)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(who.user)
    assert strict.post(ADDRESS, {"seller": seller.pk}).status_code == 403
    assert who.client.put(ADDRESS).status_code == 405


def test_a_link_cannot_switch() -> None:
    seller = selling("US", "CA")
    who = owner(seller)
    who.client.get(f"{ADDRESS}?seller={seller.pk}&marketplace=CA")
    assert kept(who) == (None, None)


def test_names_are_escaped() -> None:
    html = page(owner(selling("US", name="<script>alert(1)</script>")))
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_the_address_has_its_name() -> None:
    assert reverse("switch") == ADDRESS
