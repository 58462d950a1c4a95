"""Patterns across a seller's offers, from their rows as the last night left them (UX 5e).

Every query starts at one seller and is answered by aggregates: the number of rows that come back does not
grow with the number of orders. Deleted listings are left out everywhere: nothing can be done about them.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

from django.db.models import Count, F, Min, Q, QuerySet, Sum

from health.models import OfferHealth, Tile
from offers.lifecycle import CLOSING_MOVES, Status
from offers.models import OfferStatusChange

FLAGGED: Final = frozenset({Tile.POOR, Tile.VERY_POOR})


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose offers: one seller's on these marketplaces, each as of its last computed night.

    fulfillment: "" for both.
    """

    seller_id: int
    nights: Mapping[int, date]
    fulfillment: str = ""

    @property
    def newest(self) -> date:
        """The newest of the nights."""
        return max(self.nights.values())

    @property
    def oldest(self) -> date:
        """The oldest of the nights."""
        return min(self.nights.values())


def all_rows(scope: Scope) -> QuerySet[OfferHealth]:
    """The rows of all its offers, those of deleted listings too."""
    rows = OfferHealth.objects.filter(seller_id=scope.seller_id, marketplace_id__in=list(scope.nights))
    return rows.filter(offer__fulfillment=scope.fulfillment) if scope.fulfillment else rows


def listed_rows(scope: Scope) -> QuerySet[OfferHealth]:
    """The rows of the offers that are listed."""
    return all_rows(scope).exclude(tile=Tile.DELETED)


class Kind(NamedTuple):
    """Offers that are alike. closed_on: None while open. expected: what similar offers would have had."""

    marketplace_id: int
    tile: int
    top_reason: str
    closed_on: date | None
    offers: int
    orders: int
    ncx_orders: int
    expected: float
    excess: float


def read_kinds(scope: Scope) -> list[Kind]:
    """All offers by marketplace, tile, top reason and day of closure, each in its own window."""
    rows = (
        all_rows(scope)
        .values_list("marketplace_id", "tile", "top_reason", "closed_rank")
        .annotate(
            offers=Count("pk"),
            all_orders=Sum("orders"),
            all_ncx_orders=Sum("ncx_orders"),
            expected=Sum(F("orders") * F("m"), default=0.0),
            all_excess=Sum("excess"),
        )
        .order_by()
    )
    return [
        Kind(place, tile, reason, date.fromordinal(-rank) if rank else None, *numbers)
        for place, tile, reason, rank, *numbers in rows
    ]


@dataclass(frozen=True, slots=True)
class Totals:
    """The seller's listed offers together.

    flagged: offers shown Poor or Very poor, avoidable: their NCX orders above what similar offers would have
    had. closed_days: how long each closed offer has been closed. top_reasons: offers by their top reason,
    counted as the grid counts them, with deleted listings.
    """

    offers: int
    orders: int
    ncx_orders: int
    expected: float
    flagged: int
    avoidable: float
    closed_days: list[int]
    top_reasons: Mapping[str, int]


def totals(kinds: Sequence[Kind], scope: Scope) -> Totals:
    """Add the kinds up."""
    listed = [kind for kind in kinds if kind.tile != Tile.DELETED]
    flagged = [kind for kind in listed if kind.tile in FLAGGED]
    top_reasons: dict[str, int] = {}
    for kind in kinds:
        top_reasons[kind.top_reason] = top_reasons.get(kind.top_reason, 0) + kind.offers
    return Totals(
        offers=sum(kind.offers for kind in listed),
        orders=sum(kind.orders for kind in listed),
        ncx_orders=sum(kind.ncx_orders for kind in listed),
        expected=sum(kind.expected for kind in listed),
        flagged=sum(kind.offers for kind in flagged),
        avoidable=max(sum(kind.excess for kind in flagged), 0.0),
        closed_days=sorted(day for kind in listed for day in _closed_for(kind, scope)),
        top_reasons=top_reasons,
    )


def _closed_for(kind: Kind, scope: Scope) -> Iterator[int]:
    """Days from the closure to the day on which the last night ran, for each offer of this kind."""
    if kind.closed_on is None:
        return
    days = (scope.nights[kind.marketplace_id] - kind.closed_on).days + 1
    for _ in range(kind.offers):
        yield max(days, 0)


def read_closures(scope: Scope, days: int) -> int:
    """Closures of listed offers within `days` days up to the last night's run, without those in error."""
    changes = OfferStatusChange.objects.filter(
        offer__seller_id=scope.seller_id,
        move__in=[move.value for move in CLOSING_MOVES],
        in_error=False,
    ).exclude(offer__status=Status.LISTING_DELETED.value)
    if scope.fulfillment:
        changes = changes.filter(offer__fulfillment=scope.fulfillment)
    within = Q(pk__in=[])
    for marketplace_id, night in scope.nights.items():
        run_on = night + timedelta(days=1)
        dates = (run_on - timedelta(days=days - 1), run_on)
        within |= Q(offer__marketplace_id=marketplace_id, on__range=dates)
    return changes.filter(within).count()


class Place(NamedTuple):
    """Offers with the same orders, NCX orders and tile. offer_id: one of them."""

    orders: int
    ncx_orders: int
    tile: int
    offers: int
    offer_id: int


def read_places(scope: Scope) -> list[Place]:
    """Where the offers with orders stand in the funnel; those that would cover one another come as one."""
    rows = (
        listed_rows(scope)
        .filter(orders__gt=0)
        .values_list("orders", "ncx_orders", "tile")
        .annotate(Count("pk"), Min("offer_id"))
        .order_by("orders", "ncx_orders", "tile")
    )
    return [Place(*row) for row in rows]


class Named(NamedTuple):
    """An offer with its numbers of its own window. excess: NCX orders above similar offers'."""

    offer_id: int
    marketplace_id: int
    title: str
    sku: str
    tile: int
    orders: int
    ncx_orders: int
    rate: float | None
    m: float | None
    excess: float


_NAMED: Final = (
    *("offer_id", "marketplace_id", "offer__title", "offer__sku", "tile"),
    *("orders", "ncx_orders", "rate", "m", "excess"),
)


def worklist(scope: Scope) -> QuerySet[OfferHealth]:
    """The offers with more NCX orders than similar offers would have had, most first."""
    return listed_rows(scope).filter(excess__gt=0).order_by("-excess", "offer_id")


def read_worklist(scope: Scope) -> Iterator[Named]:
    """All of them, read bit by bit."""
    for row in worklist(scope).values_list(*_NAMED).iterator(chunk_size=2000):
        yield Named(*row)


def read_named(scope: Scope, offer_ids: Collection[int], most: int) -> tuple[dict[int, Named], list[Named]]:
    """These offers by id, and the first `most` of the worklist: one query for both."""
    first = worklist(scope).values("pk")[:most]
    rows = listed_rows(scope).filter(Q(pk__in=list(offer_ids)) | Q(pk__in=first))
    found = {row[0]: Named(*row) for row in rows.values_list(*_NAMED)}
    ordered = sorted(found.values(), key=lambda named: (-named.excess, named.offer_id))
    return found, [named for named in ordered[:most] if named.excess > 0]
