"""Removal orders of the demo: for each shop some in every state."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import Final

from django.contrib.auth.models import AbstractBaseUser

from health.models import Notification, NotificationKind
from health.removal_notices import notify_ended
from offers.models import RemovalChange, RemovalKind, RemovalOrder, RemovalState
from offers.removal_actions import cancel_removal, move_removal, record_removal, request_removal
from vocdash.demo.accounts import actor_of
from vocdash.demo.plans import Day
from vocdash.demo.replay import Life, Replay

_ASKED_AT: Final = time(11, 5)
_REPORTED_AT: Final = time(16, 40)
_CHANGED_MIND: Final = timedelta(hours=3)
_ENOUGH: Final = 30
"""Offers with fewer units in stock are left alone."""
_PROCESSING, _COMPLETED = RemovalState.PROCESSING.value, RemovalState.COMPLETED.value
_CANCELLED: Final = RemovalState.CANCELLED.value


@dataclass(frozen=True, slots=True)
class Course:
    """What becomes of an order: when it is asked for, and on which days reports tell which state and units.

    elsewhere: it was asked for in another tool and is known from a report. dropped: its shop cancels it.
    """

    asked: Day
    units: int
    kind: str = RemovalKind.RETURN.value
    note: str = ""
    told: tuple[tuple[Day, str, int | None], ...] = ()
    elsewhere: bool = False
    dropped: bool = False


COURSES: Final = (
    Course(-1, 24, note="Handles come loose: the batch received in September."),
    Course(-6, 20, RemovalKind.DISPOSAL.value, told=((-4, _PROCESSING, None), (-3, _PROCESSING, 8))),
    Course(-24, 18, note="Wrong label.", told=((-22, _PROCESSING, None), (-12, _COMPLETED, None))),
    Course(-30, 15, told=((-27, _PROCESSING, None), (-14, _COMPLETED, 12))),
    Course(-9, 10, dropped=True),
    Course(-18, 12, RemovalKind.DISPOSAL.value, told=((-16, _CANCELLED, None),)),
    Course(-20, 6, told=((-17, _PROCESSING, None),), elsewhere=True),
)


def make_removals(replay: Replay) -> None:
    """Removal orders on this marketplace, once its nights are replayed. The same ones each time."""
    lives = sorted(filter(_has_stock, replay.lives), key=lambda life: (life.plan.shop.short, life.plan.sku))
    for _, of_shop in groupby(lives, key=lambda life: life.plan.shop.short):
        for life, course in zip(of_shop, COURSES, strict=False):
            _take(replay, life, course)


def _has_stock(life: Life) -> bool:
    units = life.plan.quantity or 0
    return life.plan.marketplace_fulfilled and units >= _ENOUGH and life.gone_since is None


def _take(replay: Replay, life: Life, course: Course) -> None:
    """One order, from the request to where it is now."""
    by = actor_of(life.plan.shop)
    order = _ask(replay, life, course, by)
    if course.dropped:
        cancel_removal(removal_id=order.pk, by=by, at=order.requested_at + _CHANGED_MIND)
    for day, state, done in course.told:
        order = move_removal(
            removal_id=order.pk,
            to=state,
            done=done,
            source=RemovalChange.Source.IMPORT,
            at=replay.moment(day, _REPORTED_AT),
        )
    if order.state in {_COMPLETED, _CANCELLED}:
        _tell([order.pk], order.changed_at)


def _ask(replay: Replay, life: Life, course: Course, by: AbstractBaseUser) -> RemovalOrder:
    at = replay.moment(course.asked, _ASKED_AT)
    if course.elsewhere:
        reference = f"{replay.marketplace.code}-{life.plan.shop.short}-{life.plan.sku}"
        return record_removal(
            offer_id=life.offer_id, reference=reference, kind=course.kind, quantity=course.units, at=at
        )
    return request_removal(
        offer_id=life.offer_id, kind=course.kind, quantity=course.units, note=course.note, by=by, at=at
    )


def _tell(removal_ids: Iterable[int], at: datetime) -> None:
    """The shop is told, at the moment when it would have been."""
    known = set(Notification.objects.filter(kind=NotificationKind.REMOVAL).values_list("pk", flat=True))
    notify_ended(removal_ids)
    Notification.objects.filter(kind=NotificationKind.REMOVAL).exclude(pk__in=known).update(created_at=at)
