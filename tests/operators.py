"""People who sign in to the admin, and what they see there."""

from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import UserFactory


def signed_in(**fields: Any) -> Client:
    """A client of a person with these fields; `is_superuser` is an operator who may do everything."""
    client = Client()
    client.force_login(UserFactory(**fields))
    return client


def operator() -> Client:
    """An operator who may do everything."""
    return signed_in(is_staff=True, is_superuser=True)


def staff(*permissions: str) -> Client:
    """A member of staff with these permissions, such as `offers.change_offer`."""
    person = UserFactory(is_staff=True)
    for name in permissions:
        app, codename = name.split(".")
        person.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    client = Client()
    client.force_login(person)
    return client


def page_of(model: type[models.Model], page: str, *args: object) -> str:
    """The address of a model's list ("changelist"), or of one of its rows' pages ("change", "delete")."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def act(client: Client, action: str, *rows: models.Model, **answers: str) -> Any:
    """Choose an action of the list for these rows and, with `answers`, answer what it asks."""
    chosen = {"action": action, "_selected_action": [str(row.pk) for row in rows]}
    asked = {"confirmed": "yes", **answers} if answers else {"index": "0"}
    return client.post(page_of(type(rows[0]), "changelist"), {**chosen, **asked})


def sure(client: Client, action: str, *rows: models.Model) -> Any:
    """`act`, where nothing is asked but whether it is meant."""
    return act(client, action, *rows, confirmed="yes")


def said(response: Any) -> str:
    """The messages that the next page will show."""
    return "\n".join(str(message) for message in get_messages(response.wsgi_request))


def queries_of(client: Client, address: str) -> list[str]:
    """The queries that a page makes."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in queries]
