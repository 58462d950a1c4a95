"""Who looks at a seller's pages: its owner, an editor, a viewer, a stranger, an operator."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from offers.models import Role, Seller
from tests.factories import MembershipFactory, SellerFactory, UserFactory


@dataclass
class Person:
    """Somebody who is signed in."""

    user: User
    client: Client = field(default_factory=Client)

    def __post_init__(self) -> None:
        self.client.force_login(self.user)

    def dashboard(self, query: str = "", **options: Any) -> Any:
        """The answer to the dashboard's address with this query string."""
        return self.client.get(f"{reverse('dashboard')}?{query}", **options)

    def fragment(self, query: str = "") -> Any:
        """The answer that htmx gets."""
        return self.dashboard(query, headers={"HX-Request": "true"})

    def csv(self, query: str = "") -> Any:
        """The answer to the download's address."""
        return self.client.get(f"{reverse('dashboard-csv')}?{query}")

    def switch(self, seller: Seller | int | str, marketplace: str = "", **fields: str) -> Any:
        """Choose a seller and a marketplace, "" for all."""
        chosen = str(seller.pk if isinstance(seller, Seller) else seller)
        return self.client.post(reverse("switch"), {"seller": chosen, "marketplace": marketplace, **fields})


def person(**fields: Any) -> Person:
    """Somebody who belongs to no seller."""
    return Person(UserFactory(**fields))


def member(seller: Seller, role: str = Role.VIEWER) -> Person:
    """Somebody with this role at the seller."""
    made = person()
    MembershipFactory(user=made.user, seller=seller, role=role)
    return made


def owner(seller: Seller) -> Person:
    """Somebody who may do everything for the seller."""
    return member(seller, Role.OWNER)


def stranger() -> Person:
    """The owner of another seller."""
    return owner(SellerFactory())


def operator() -> Person:
    """Somebody of the marketplace, at no seller."""
    return person(is_staff=True)


_EVERY_PAGE: Final = ('FROM "django_session"', 'FROM "auth_user"', "SAVEPOINT", "SET LOCAL")


def queries(page: Callable[[], Any]) -> list[str]:
    """What is asked of the database for a page, besides session, user, the transaction and its settings."""
    with CaptureQueriesContext(connection) as captured:
        page()
    asked = [query["sql"] for query in captured.captured_queries]
    return [sql for sql in asked if not any(usual in sql for usual in _EVERY_PAGE)]
