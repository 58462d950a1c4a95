"""Making a marketplace, with the policy that it starts with."""

import difflib
import re
from typing import Final
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from health.models import HealthPolicy
from offers.models import Marketplace

_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")


class MarketplaceRefused(ValueError):
    """The marketplace can't be made like this; the message says what to do."""


@transaction.atomic
def create_marketplace(
    *, code: str, name: str, currency: str, time_zone: str, language: str, recompute_hour: int = 3
) -> tuple[Marketplace, bool]:
    """Make a marketplace with version 1 of its policy, active, all numbers as in the method.

    The same again changes nothing. Returns the marketplace and whether it is new. Raises
    MarketplaceRefused for a value that can't be, and for a code that has other values already.
    """
    wanted = Marketplace(
        code=code,
        name=name,
        currency=currency,
        time_zone=time_zone,
        language=language.strip().lower().replace("_", "-"),
        recompute_hour=recompute_hour,
    )
    _refuse_impossible(wanted)
    known = Marketplace.objects.filter(code=code).first()
    if known is not None:
        _refuse_other_values(known, wanted)
        return known, False
    wanted.save()
    HealthPolicy.objects.create(
        marketplace=wanted, version=1, state=HealthPolicy.State.ACTIVE, activated_at=timezone.now()
    )
    return wanted, True


def _refuse_impossible(wanted: Marketplace) -> None:
    if wanted.time_zone not in available_timezones():
        near = difflib.get_close_matches(wanted.time_zone, sorted(available_timezones()), n=3, cutoff=0.4)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise MarketplaceRefused(
            f"{wanted.time_zone!r} is no time zone. Give a name such as America/New_York.{hint}"
        )
    if not re.fullmatch("[A-Z]{3}", wanted.currency):
        raise MarketplaceRefused(f"{wanted.currency!r} is no currency. Give its three letters, such as USD.")
    if not _LANGUAGE.fullmatch(wanted.language):
        raise MarketplaceRefused(f"{wanted.language!r} is no language. Give a code such as en or pt-br.")
    try:
        wanted.clean_fields()
    except ValidationError as error:
        problems = [f"{field}: {' '.join(texts)}" for field, texts in error.message_dict.items()]
        raise MarketplaceRefused("; ".join(problems)) from error


def _refuse_other_values(known: Marketplace, wanted: Marketplace) -> None:
    fields = ("name", "currency", "time_zone", "language")
    others = [
        f"{field} is {getattr(known, field)!r}"
        for field in fields
        if getattr(known, field) != getattr(wanted, field)
    ]
    if others:
        raise MarketplaceRefused(
            f"There is a marketplace {known.code} already, and its {', '.join(others)}. "
            "Change it in the admin, or choose another code."
        )
