"""Every address, walked by owner, editor, viewer, a stranger, an operator and nobody signed in (A3, F6)."""

from collections.abc import Iterator
from copy import copy
from typing import Any, Final

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from time_machine import travel

from tests.health.closed_offers import NOON
from tests.pages.places import arguments, forms, world

pytestmark = pytest.mark.django_db
PEOPLE: Final = ("owner", "editor", "viewer", "stranger", "operator", "nobody")

# What a GET answers, and what a POST, to everybody in the order of PEOPLE: the status, or "in" where it leads
# to the sign-in page. Lists are everybody's own, so a stranger gets 200 there; a form that lacks something is
# a 422 to those who may send it. The token of an address that needs one is wrong.
TABLE: Final = """
    name                        GET: own edt view strg oper nob POST
    healthz                     200 200 200 200 200 200     405 405 405 405 405 405
    readyz                      200 200 200 200 200 200     405 405 405 405 405 405
    home                        302 302 302 302 302 in      302 302 302 302 302 in
    switch                      200 200 200 200 200 in      302 302 302 404 302 in
    dashboard                   200 200 200 200 200 in      405 405 405 405 405 in
    dashboard-csv               200 200 200 200 200 in      405 405 405 405 405 in
    offer                       200 200 200 404 200 in      405 405 405 405 405 in
    offer-feedback              200 200 200 404 200 in      405 405 405 405 405 in
    offer-feedback-csv          200 200 200 404 200 in      405 405 405 405 405 in
    offer-history-csv           200 200 200 404 200 in      405 405 405 405 405 in
    view-save                   405 405 405 405 405 in      302 302 302 302 302 in
    view-delete                 405 405 405 405 405 in      302 404 404 404 404 in
    offer-resolve               302 302 403 404 302 in      302 302 403 404 403 in
    resolve-review              200 200 403 404 200 in      422 422 403 404 403 in
    resolve-fix                 200 302 403 404 302 in      422 302 403 404 403 in
    resolve-confirm             200 302 403 404 302 in      302 302 403 404 403 in
    resolve-done                200 200 200 404 200 in      405 405 405 405 405 in
    offer-edit                  200 200 403 404 403 in      409 409 403 404 403 in
    listing-image               200 200 200 404 200 in      405 405 405 405 405 in
    inventory                   200 200 200 200 200 in      405 405 405 405 405 in
    inventory-csv               200 200 200 200 200 in      405 405 405 405 405 in
    listing-delete              200 200 403 404 200 in      302 302 403 404 403 in
    removals                    200 200 200 200 200 in      405 405 405 405 405 in
    removals-csv                200 200 200 200 200 in      405 405 405 405 405 in
    removal-new                 200 200 403 200 200 in      422 422 403 404 403 in
    removal                     200 200 200 404 200 in      405 405 405 405 405 in
    removal-cancel              200 200 403 404 200 in      302 302 403 404 403 in
    notifications               200 200 200 200 200 in      405 405 405 405 405 in
    notification-read-all       405 405 405 405 405 in      302 302 403 302 403 in
    notification                200 200 200 404 200 in      405 405 405 405 405 in
    notification-mark           405 405 405 405 405 in      302 302 403 404 403 in
    settings-notifications      200 200 200 200 200 in      302 302 302 302 403 in
    unsubscribe                 404 404 404 404 404 404     404 404 404 404 404 404
    insights                    200 200 200 200 200 in      405 405 405 405 405 in
    insights-reasons-csv        200 200 200 200 200 in      405 405 405 405 405 in
    insights-worklist-csv       200 200 200 200 200 in      405 405 405 405 405 in
    login                       302 302 302 302 302 200     302 302 302 302 302 422
    logout                      405 405 405 405 405 in      302 302 302 302 302 in
    password_reset              200 200 200 200 200 200     422 422 422 422 422 422
    password_reset_done         200 200 200 200 200 200     405 405 405 405 405 405
    password_reset_confirm      200 200 200 200 200 200     200 200 200 200 200 200
    password_reset_complete     200 200 200 200 200 200     405 405 405 405 405 405
    settings-account            200 200 200 200 200 in      200 200 200 200 200 in
    password_change             200 200 200 200 200 in      422 422 422 422 422 in
    password_change_done        200 200 200 200 200 in      405 405 405 405 405 in
    settings-appearance         200 200 200 200 200 in      302 302 302 302 302 in
    settings-members            200 200 200 200 200 in      405 405 405 405 405 in
    member-invite               405 405 405 405 405 in      302 403 403 302 403 in
    member-leave                200 200 200 200 403 in      422 302 302 422 403 in
    member-role                 405 405 405 405 405 in      302 403 403 404 403 in
    member-remove               200 403 403 404 403 in      302 403 403 404 403 in
    invitation-send             405 405 405 405 405 in      302 403 403 404 403 in
    invitation-revoke           405 405 405 405 405 in      302 403 403 404 403 in
    invitation                  404 404 404 404 404 404     404 404 404 404 404 404
    help                        200 200 200 200 200 200     405 405 405 405 405 405
    help-voice-of-the-customer  200 200 200 200 200 200     405 405 405 405 405 405
    help-cx-health              200 200 200 200 200 200     405 405 405 405 405 405
    help-ncx-notifications      200 200 200 200 200 200     405 405 405 405 405 405
    help-resolve                200 200 200 200 200 200     405 405 405 405 405 405
    help-accessibility          200 200 200 200 200 200     405 405 405 405 405 405
    help-shortcuts              200 200 200 200 200 200     405 405 405 405 405 405
    support                     200 200 200 200 200 200     405 405 405 405 405 405
    start-selling               200 200 200 200 200 200     405 405 405 405 405 405
"""


def names(resolver: URLResolver | None = None) -> Iterator[str]:
    """The name of every address outside the admin."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield str(pattern.name)
        elif pattern.namespace != "admin":
            yield from names(pattern)


def said(client: Client, method: str, address: str, form: dict[str, Any]) -> str:
    """The answer in short. What it changed is taken back, so that everybody finds the same world."""
    cookies = copy(client.cookies)
    with transaction.atomic():
        answer = getattr(client, method)(address, form if method == "post" else {})
        transaction.set_rollback(True)
    client.cookies = cookies
    if answer.status_code == 302 and "/accounts/login/?next=" in answer["Location"]:
        return "in"
    return str(answer.status_code)


def walk(method: str) -> dict[str, str]:
    """The answers of every address to everybody."""
    found = {}
    with travel(NOON, tick=False):
        here = world()
        places, sent = arguments(here), forms(here)
        for name in names():
            address = reverse(name, args=places.get(name, []))
            answers = [said(here.people[who], method, address, sent.get(name, {})) for who in PEOPLE]
            found[name] = " ".join(answers)
    return found


def expected(column: int) -> dict[str, str]:
    """The answers of the table, GET from column 1, POST from column 7."""
    rows = [line.split() for line in TABLE.strip().splitlines()[1:]]
    return {row[0]: " ".join(row[column : column + len(PEOPLE)]) for row in rows}


def test_a3_f6_who_may_look_where() -> None:
    assert walk("get") == expected(1)


def test_a3_f6_who_may_do_what() -> None:
    assert walk("post") == expected(1 + len(PEOPLE))
