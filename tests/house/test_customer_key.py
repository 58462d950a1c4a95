"""The database remembers its customer hash key: another one is never used silently."""

from io import StringIO

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client
from pytest_django.fixtures import Settings

from vocdash.keys import customer_key_problem, fingerprint, refuse_other_customer_key
from vocdash.models import KeyFingerprint

pytestmark = pytest.mark.django_db


def test_a_fingerprint_tells_keys_apart_and_does_not_show_them() -> None:
    assert fingerprint("a" * 60) != fingerprint("b" * 60)
    assert "a" * 5 not in fingerprint("a" * 60)


def test_a_new_database_remembers_the_key_it_was_made_with() -> None:
    assert KeyFingerprint.objects.filter(name="customer hash key").count() == 1
    assert customer_key_problem() is None
    refuse_other_customer_key()


def test_another_key_is_refused(settings: Settings) -> None:
    settings.CUSTOMER_HASH_KEY = "another key " * 6
    with pytest.raises(ImproperlyConfigured, match="the same customer would become another"):
        refuse_other_customer_key()


def test_another_key_makes_the_site_unready(settings: Settings, client: Client) -> None:
    settings.CUSTOMER_HASH_KEY = "another key " * 6
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["customer key"] == "failed: another key than this database was made with"


def test_another_key_is_found_when_the_database_is_checked(settings: Settings) -> None:
    assert "vocdash.E008" not in {found.id for found in run_checks(databases=["default"])}
    settings.CUSTOMER_HASH_KEY = "another key " * 6
    assert "vocdash.E008" in {found.id for found in run_checks(databases=["default"])}


def test_a_new_key_can_be_accepted_once_the_former_is_lost(settings: Settings) -> None:
    settings.CUSTOMER_HASH_KEY = "another key " * 6
    said = StringIO()
    call_command("adopt_customer_key", stdout=said)
    assert said.getvalue() == "The new key is accepted.\n"
    assert customer_key_problem() is None
    call_command("adopt_customer_key", stdout=said)
    assert said.getvalue().endswith("The key is this database's own already.\n")
