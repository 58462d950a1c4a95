"""What stands around every page: navigation, theme, sign-in, error pages (PRODUCT A1-A3, A5; UX 4)."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import include, path
from django.utils.translation import override

from vocdash.pages.shell import MAIN, Place, Shell, address_of, address_pattern, links, shell

ROOT = Path(__file__).resolve().parents[2]


def answer(_request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    return HttpResponse()


@pytest.fixture
def every_page(settings: Any) -> None:
    """A site on which the later pages exist as well."""
    site = ModuleType("every_page_urls")
    names = (
        "insights",
        "removals",
        "notifications",
        "switch",
        "help-cx-health",
        "start-selling",
        "ops-imports",
    )
    site.urlpatterns = [  # type: ignore[attr-defined]
        path("", include("vocdash.urls")),
        *[path(f"{name}/", answer, name=name) for name in names],
        path("offers/<int:pk>/", answer, name="an-offer"),
    ]
    sys.modules["every_page_urls"] = site
    settings.ROOT_URLCONF = "every_page_urls"


def a_request(*, user: User | None = None, place: Place | None = None, theme: str = "") -> HttpRequest:
    request = RequestFactory().get("/voc/")
    request.user = user or AnonymousUser()
    if place:
        request.place = place  # type: ignore[attr-defined]
    if theme:
        request.COOKIES["theme"] = theme
    return request


def a_page(request: HttpRequest, template: str = "404.html", **context: Any) -> str:
    return render_to_string(template, {"messages": [], "user": request.user, **context}, request)


OWNER = User(username="owner@shop.example")
OPERATOR = User(username="operator", is_staff=True)


def test_only_pages_that_exist_are_linked() -> None:
    page = a_page(a_request(user=OPERATOR))
    assert ">Voice of the Customer</a>" in page
    assert "Data imports" not in page
    assert 'href="#"' not in page
    assert 'href=""' not in page


@pytest.mark.usefixtures("every_page")
def test_a_page_appears_in_the_navigation_once_its_address_exists() -> None:
    page = a_page(a_request(user=OWNER))
    assert '<a href="/insights/">Insights</a>' in page
    assert '<a href="/switch/">Switch seller or marketplace</a>' in page
    names = [link.name for link in links(MAIN)]
    assert names == ["dashboard", "insights", "inventory", "removals", "notifications"]


def test_addresses_of_missing_pages_are_empty() -> None:
    assert address_of("no-such-page") == ""
    assert address_pattern("no-such-page") == ""


@pytest.mark.usefixtures("every_page")
def test_address_patterns_take_an_id() -> None:
    assert address_pattern("an-offer") % 42 == "/offers/42/"


@pytest.mark.usefixtures("every_page")
def test_operators_alone_see_the_operators_menu() -> None:
    assert "/ops-imports/" in a_page(a_request(user=OPERATOR))
    assert "/ops-imports/" not in a_page(a_request(user=OWNER))


@pytest.mark.usefixtures("every_page")
def test_a1_signed_out_there_is_sign_in_in_the_header_and_at_the_foot_and_start_selling() -> None:
    page = a_page(a_request())
    header, foot = page.split("<main", 1)[0], page.split("<footer", 1)[1]
    assert "Sign in" in header
    assert "Sign in" in foot
    assert "Start selling" in foot
    assert 'aria-label="Main"' not in header
    signed_in = a_page(a_request(user=OWNER))
    assert "Start selling" not in signed_in
    assert "Sign in" not in signed_in


def test_a5_the_foot_of_every_page_says_that_the_account_is_untouched() -> None:
    assert "NCX rates and CX health never lead to account-level action." in a_page(a_request())


def test_the_header_says_where_one_stands() -> None:
    page = a_page(a_request(user=OWNER, place=Place("Juniper & Pine", "Canada", unread=4, policy="v7")))
    assert "<b>Juniper &amp; Pine</b><span>Canada</span>" in page
    assert "Policy v7" in page
    everywhere = a_page(a_request(user=OWNER, place=Place("Juniper & Pine")))
    assert "<span>All marketplaces</span>" in everywhere


@pytest.mark.usefixtures("every_page")
def test_the_bell_counts_unread_notifications() -> None:
    page = a_page(a_request(user=OWNER, place=Place("Juniper", unread=4)))
    assert 'aria-label="Notifications, 4 unread"' in page
    none = a_page(a_request(user=OWNER, place=Place("Juniper")))
    assert 'class="count"' not in none


def test_f6_an_operators_reading_is_marked() -> None:
    page = a_page(a_request(user=OPERATOR, place=Place("Juniper", reading_only=True)))
    assert "You are reading the pages of Juniper as an operator." in page
    assert "as an operator" not in a_page(a_request(user=OWNER, place=Place("Juniper")))


def test_signing_out_is_a_form_not_a_link() -> None:
    page = a_page(a_request(user=OWNER))
    assert '<form id="sign-out" method="post" action="/accounts/logout/" hidden>' in page
    assert 'form="sign-out"' in page
    assert 'href="/accounts/logout/"' not in page


@pytest.mark.parametrize(
    ("cookie", "attribute"), [("dark", ' data-theme="dark"'), ("light", ' data-theme="light"')]
)
def test_the_theme_of_the_cookie_is_rendered_by_the_server(cookie: str, attribute: str) -> None:
    assert f'<html lang="en"{attribute}>' in a_page(a_request(theme=cookie))


@pytest.mark.parametrize("cookie", ["", "blue", '"><script>'])
def test_any_other_theme_follows_the_device(cookie: str) -> None:
    assert '<html lang="en">' in a_page(a_request(theme=cookie))


def test_a4_the_frame_comes_in_french() -> None:
    with override("fr"):
        page = a_page(a_request(user=OWNER))
    assert '<html lang="fr">' in page
    assert "Aller au contenu principal" in page
    assert "Voix du client" in page
    assert "Skip to main content" not in page


def test_the_frame_has_landmarks_one_heading_and_a_skip_link_first() -> None:
    page = a_page(a_request(user=OWNER))
    assert page.count("<h1") == 1
    for landmark in ("<header", 'aria-label="Main"', '<main id="main"', "<footer"):
        assert landmark in page
    assert page.index('<a class="skip" href="#main">') < page.index("<header")
    assert "<title>Page not found – vocdash</title>" in page


def test_messages_are_shown_with_their_level() -> None:
    class Message:
        level_tag = "success"

        def __str__(self) -> str:
            return "View saved. <b>"

    page = a_page(a_request(user=OWNER), messages=[Message()])
    assert '<div class="note success" role="status">' in page
    assert "View saved. &lt;b&gt;" in page


def test_the_frame_needs_no_query_and_no_shell_to_be_asked() -> None:
    request = a_request()
    assert list(shell(request)) == ["shell"]
    assert Shell(request).place is None
    assert Shell(request).page == ""


@pytest.mark.parametrize("template", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_error_pages_render_even_for_a_request_that_got_nowhere(template: str) -> None:
    request = RequestFactory().get("/")  # no user, no session
    page = render_to_string(template, {}, request)
    assert "<h1" in page
    assert 'class="btn primary" href="/' in page


def test_the_500_page_needs_no_template_engine() -> None:
    text = (ROOT / "templates/500.html").read_text(encoding="utf-8")
    assert "{%" not in text
    assert "{{" not in text


def test_a2_the_sign_in_form_lets_password_managers_work() -> None:
    request = a_request()
    page = a_page(request, "registration/login.html", form=AuthenticationForm(request), next="/voc/")
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert "onpaste" not in page
    assert '<input type="hidden" name="next" value="/voc/">' in page
    assert "csrfmiddlewaretoken" in page


def test_a_failed_sign_in_says_so_first_and_keeps_the_name() -> None:
    request = a_request()
    form = AuthenticationForm(request, data={"username": "owner", "password": ""})
    page = a_page(request, "registration/login.html", form=form, next="")
    assert "<title>Error: Sign in – vocdash</title>" in page
    assert '<div class="summary-err mt4" tabindex="-1"><div role="alert">' in page
    assert 'value="owner"' in page


def test_a_form_shows_the_same_problem_in_the_summary_and_at_the_field() -> None:
    form = AuthenticationForm(None, data={"username": "", "password": "x"})
    assert not form.is_valid()
    summary = render_to_string("components/errors.html", {"form": form})
    beside = render_to_string("components/field.html", {"field": form["username"]})
    assert '<a href="#id_username">Username: This field is required.</a>' in summary
    assert "This field is required." in beside
    assert 'aria-invalid="true"' in beside
    assert "bad" in beside.split(">")[0]
