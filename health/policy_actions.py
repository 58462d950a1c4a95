"""Versions of a marketplace's policy: drafted, edited while they are drafts, activated with a reason.

What a night was computed with stays as it was: an active or retired version is never edited, only
followed by another. Each verb is atomic and works on the marketplace's versions one at a time.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from health.models import HealthPolicy
from health.policy import Policy
from offers.models import Marketplace

State = HealthPolicy.State


class PolicyRefused(ValueError):
    """The version can't be made, edited or activated like this; the message says what to do."""


class NumberChange(NamedTuple):
    """One number of the method that differs between two versions."""

    name: str
    before: Any
    after: Any


def number_changes(before: Policy, after: Policy) -> list[NumberChange]:
    """What differs, in the method's order."""
    old, new = before.to_dict(), after.to_dict()
    return [NumberChange(name, old[name], new[name]) for name in old if old[name] != new[name]]


def changes_by(version: HealthPolicy) -> list[NumberChange]:
    """What the version changes against the active one, or against the method's defaults before the first."""
    active = HealthPolicy.objects.filter(marketplace=version.marketplace_id, state=State.ACTIVE).first()
    return number_changes(active.policy if active else Policy(), version.policy)


@transaction.atomic
def create_draft(
    *,
    marketplace: Marketplace,
    by: AbstractBaseUser | None,
    reason: str = "",
    numbers: Mapping[str, Any] | None = None,
) -> HealthPolicy:
    """A draft with these numbers, or else with those of the active version (the defaults before the first).

    Raises PolicyRefused for numbers that the method can't use.
    """
    _lock(marketplace.pk)
    versions = HealthPolicy.objects.filter(marketplace=marketplace)
    if numbers is None:
        numbers = versions.filter(state=State.ACTIVE).values_list("numbers", flat=True).first() or {}
    last = versions.aggregate(last=Max("version"))["last"] or 0
    return HealthPolicy.objects.create(
        marketplace=marketplace,
        version=last + 1,
        numbers=_checked(numbers),
        reason=reason.strip(),
        created_by=by,  # type: ignore[misc]  # the settings name the user model
    )


@transaction.atomic
def edit_draft(*, policy_id: int, numbers: Mapping[str, Any], reason: str) -> None:
    """Give a draft other numbers. Raises PolicyRefused when it is no draft (any more), or for bad numbers."""
    drafts = HealthPolicy.objects.filter(pk=policy_id, state=State.DRAFT)
    if not drafts.update(numbers=_checked(numbers), reason=reason.strip()):
        raise PolicyRefused("Only a draft can be edited. Make a new draft from this version.")


@transaction.atomic
def discard_draft(*, policy_id: int) -> None:
    """Delete a draft. Raises PolicyRefused when it is none (any more): nights rest on the other versions."""
    deleted, _ = HealthPolicy.objects.filter(pk=policy_id, state=State.DRAFT).delete()
    if not deleted:
        raise PolicyRefused("Only a draft can be deleted: nights were computed with the other versions.")


@transaction.atomic
def activate(*, policy_id: int, by: AbstractBaseUser | None, reason: str) -> HealthPolicy:
    """Make a draft the active version and retire the one before it. The next night is computed with it.

    Raises PolicyRefused without a reason, for a version that is no draft (any more), and for numbers
    that the method can't use.
    """
    if not reason.strip():
        raise PolicyRefused("Give a reason: it stays with the version.")
    _lock(HealthPolicy.objects.values_list("marketplace_id", flat=True).get(pk=policy_id))
    # The row too, so that nobody edits the draft between this look at it and its activation.
    version = HealthPolicy.objects.select_for_update().get(pk=policy_id)
    _checked(version.numbers)
    if version.state != State.DRAFT:
        raise PolicyRefused(f"{version} is no draft. Make a new draft from it to activate its numbers again.")
    active = HealthPolicy.objects.filter(marketplace=version.marketplace_id, state=State.ACTIVE)
    active.update(state=State.RETIRED)
    version.state, version.reason = State.ACTIVE, reason.strip()
    version.activated_by = by  # type: ignore[assignment]  # the settings name the user model
    version.activated_at = timezone.now()
    version.save(update_fields=["state", "reason", "activated_by", "activated_at"])
    return version


@transaction.atomic
def activate_first_policy(
    *,
    marketplace: Marketplace,
    by: AbstractBaseUser | None = None,
    reason: str = "First version: the numbers of the method.",
) -> HealthPolicy:
    """Version 1 with the method's own numbers, active at once: for a marketplace that was just made.

    Raises PolicyRefused where there is a version already.
    """
    _lock(marketplace.pk)
    if HealthPolicy.objects.filter(marketplace=marketplace).exists():
        raise PolicyRefused(f"{marketplace.code} has policy versions already: draft the next one.")
    first = create_draft(marketplace=marketplace, by=by, numbers={})
    return activate(policy_id=first.pk, by=by, reason=reason)


def _lock(marketplace_id: int) -> None:
    """One at a time per marketplace, where the database locks rows; imports may go on meanwhile."""
    Marketplace.objects.select_for_update(no_key=True).get(pk=marketplace_id)


def _checked(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers, if the method can use them. Raises PolicyRefused."""
    if not isinstance(numbers, Mapping):
        raise PolicyRefused('Give the numbers as an object, such as {"close_min_n": 12}.')
    try:
        Policy.from_dict(numbers)
    except ValueError as error:
        raise PolicyRefused(str(error)) from error
    return dict(numbers)
