"""What can be done to offers. `move` is the one writer of an offer's state."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Max

from offers import bulk
from offers.lifecycle import CLOSING_MOVES, Move, Status, sources, target
from offers.models import Offer, OfferStatusChange


class MoveRefused(Exception):
    """The offer is no longer in a state from which the move is allowed.

    Somebody else was faster, or the offer is gone: nothing was changed.
    """

    def __init__(self, offer_id: int, move: Move) -> None:
        super().__init__(f"offer {offer_id}: {move} is not possible in its present state")
        self.offer_id = offer_id
        self.move = move


def _dates_of(made: Move, on: date) -> dict[str, date]:
    """The offer's own dates that a move sets."""
    if made in CLOSING_MOVES:
        return {"last_closed_on": on}
    return {{Move.RELIST: "relisted_on", Move.LIFT: "lifted_on", Move.DELETE: "deleted_on"}[made]: on}


@transaction.atomic
def move(
    *,
    offer_id: int,
    made: Move,
    at: datetime,
    on: date,
    by: AbstractBaseUser | None = None,
    reason: str = "",
    evidence: dict[str, Any] | None = None,
) -> OfferStatusChange:
    """Make one move and write its history row, in one transaction.

    A conditional UPDATE on (pk, old state) whose row count must be 1: of two that try at once one
    wins, and the other gets MoveRefused. `at` is the moment, `on` the date in the marketplace's zone.
    """
    for source in sorted(sources(made)):
        if Offer.objects.filter(pk=offer_id, status=source).update(
            status=target(made), **_dates_of(made, on)
        ):
            return OfferStatusChange.objects.create(
                offer_id=offer_id,
                move=made,
                from_status=source,
                to_status=target(made),
                at=at,
                on=on,
                by=by,  # type: ignore[misc]  # the settings name the user model
                reason=reason,
                evidence=evidence or {},
            )
    raise MoveRefused(offer_id, made)


@transaction.atomic
def mark_closures_in_error(*, offer_id: int, until: datetime) -> None:
    """Take the offer's latest closure out of Last offer closed date (PRODUCT D10).

    Must be called while the offer is LIVE again: a closed offer has a closure date.
    """
    closures = OfferStatusChange.objects.filter(offer_id=offer_id, move__in=CLOSING_MOVES, in_error=False)
    latest = closures.filter(at__lte=until).order_by("-at", "-pk").first()
    if latest is None:
        return
    OfferStatusChange.objects.filter(pk=latest.pk).update(in_error=True)
    rest = closures.exclude(pk=latest.pk).aggregate(latest=Max("on"))["latest"]
    Offer.objects.filter(pk=offer_id, status=Status.LIVE).update(last_closed_on=rest)


@transaction.atomic
def move_many(
    *,
    made: Move,
    moves: Sequence[tuple[int, datetime, date]],
    by: AbstractBaseUser | None = None,
    reason: str = "",
) -> set[int]:
    """`move` for many offers at once, as (offer id, moment, date). Returns the ids of those that moved.

    The same conditional UPDATE and one history row each; an offer in a state from which the move is not
    allowed is left as it is.
    """
    dates = {offer_id: (at, on) for offer_id, at, on in moves}
    before = _locked(made, sorted(dates))
    column = next(iter(_dates_of(made, date.min)))
    after = target(made).value
    bulk.update(Offer, ["id"], ["id", "status", column], [(pk, after, dates[pk][1]) for pk in before])
    bulk.insert(
        OfferStatusChange,
        ["offer_id", "move", "from_status", "to_status", "at", "on", "by_id", "reason"],
        [(pk, made.value, source, after, *dates[pk], by and by.pk, reason) for pk, source in before.items()],
    )
    return set(before)


def _locked(made: Move, offer_ids: Sequence[int]) -> dict[int, str]:
    """The states of those offers that may make the move, held until the end of the transaction.

    SQLite locks no rows, and needs not: whoever writes is alone.
    """
    states: dict[int, str] = {}
    for start in range(0, len(offer_ids), 500):
        piece = Offer.objects.filter(pk__in=offer_ids[start : start + 500], status__in=sources(made))
        states.update(piece.select_for_update().order_by("pk").values_list("pk", "status"))
    return states
