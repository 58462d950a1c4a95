"""manage.py create_marketplace: what other programs rely on (PRODUCT F3)."""

import io
import re

import pytest
from django.core.management import CommandError, call_command

from health.models import HealthPolicy
from health.policy import Policy
from offers.models import Marketplace

pytestmark = pytest.mark.django_db


BRAZIL = {"name": "Brazil", "currency": "BRL", "timezone": "America/Sao_Paulo", "language": "pt-br"}


def made(code: str = "BR", **options: str) -> str:
    out = io.StringIO()
    call_command("create_marketplace", code, stdout=out, **{**BRAZIL, **options})
    return out.getvalue()


def test_a_marketplace_is_made_with_the_first_version_of_its_policy_active() -> None:
    assert "BR was made" in made()
    marketplace = Marketplace.objects.get(code="BR")
    assert (marketplace.name, marketplace.currency) == ("Brazil", "BRL")
    assert (marketplace.time_zone, marketplace.language) == ("America/Sao_Paulo", "pt-br")
    policy = HealthPolicy.objects.get(marketplace=marketplace)
    assert (policy.version, policy.state, policy.policy) == (1, "active", Policy())
    assert policy.activated_at is not None


def test_the_same_marketplace_again_changes_nothing_and_another_of_its_code_is_refused() -> None:
    made()
    assert "already" in made()
    assert HealthPolicy.objects.count() == 1
    with pytest.raises(CommandError, match="already, and its currency is 'BRL'"):
        made(currency="USD")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"timezone": "America/San_Paolo"}, "Did you mean America/Sao_Paulo"),
        ({"timezone": "somewhere"}, "no time zone. Give a name such as America/New_York"),
        ({"currency": "brl"}, "Give its three letters, such as USD"),
        ({"currency": "R$"}, "Give its three letters"),
        ({"language": "Brazilian Portuguese"}, "Give a code such as en or pt-br"),
        ({"code": "B R"}, "letters, digits, dot, dash and underscore"),
        ({"name": ""}, "name"),
    ],
)
def test_values_that_cannot_be_are_refused_with_what_to_do(options: dict[str, str], message: str) -> None:
    with pytest.raises(CommandError, match=re.escape(message)) as refused:
        made(**options)
    assert refused.value.returncode == 2
    assert not Marketplace.objects.exists()


@pytest.mark.parametrize(("given", "kept"), [("pt_BR", "pt-br"), ("xx", "xx"), ("zh-Hant-TW", "zh-hant-tw")])
def test_any_language_code_is_taken(given: str, kept: str) -> None:
    made(language=given)
    assert Marketplace.objects.get().language == kept
