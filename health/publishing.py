"""Writing a judged night: current rows, history, tiles. Runs inside the caller's transaction."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from health.closures import Closed
from health.models import (
    BenchmarkPlacement,
    BenchmarkRefresh,
    HealthChange,
    Night,
    OfferHealth,
    SellerSummary,
    Tile,
    Urgency,
)
from health.models.current import URGENCY_OF_TILE
from health.result import NightResult
from health.stages import Stage
from offers import bulk
from offers.lifecycle import Status
from offers.models import Marketplace, Offer, OfferStatusChange


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def write_history(result: NightResult, stage: Stage) -> None:
    """Write what changed and the benchmark, instead of what was written for this and later nights."""
    marketplace, as_of = result.marketplace, result.as_of
    HealthChange.objects.filter(offer__marketplace=marketplace, as_of__gte=as_of).delete()
    BenchmarkRefresh.objects.filter(marketplace=marketplace, as_of__gte=as_of).delete()
    BenchmarkPlacement.objects.filter(refresh__marketplace=marketplace, since__gte=as_of).delete()
    if result.new:
        result.new.save(force_insert=True)
    placed = (
        BenchmarkPlacement(refresh=result.tonight.base, since=as_of, **row) for row in result.findings.placed
    )
    BenchmarkPlacement.objects.bulk_create(placed, batch_size=500)
    stage.write_history(result.new)


def write_rows(result: NightResult, stage: Stage) -> None:
    """Set the current rows in place."""
    stage.write_rows()
    refresh_grid_status(result.marketplace)


def write_night(result: NightResult, closed: Closed) -> Night:
    """Write the tiles and the night itself, instead of this and later ones, once the rows are right.

    Rows of the grid, summaries, the night: whoever moves an offer meanwhile locks them in the same order.
    """
    marketplace, as_of = result.marketplace, result.as_of
    write_summaries(marketplace, as_of)
    Night.objects.filter(marketplace=marketplace, as_of__gte=as_of).delete()
    return Night.objects.create(
        marketplace=marketplace,
        as_of=as_of,
        policy=result.tonight.policy_row,
        refreshed=result.new is not None,
        sum_n=result.sum_n,
        counts=total_tiles(marketplace, as_of),
        closures=closed.on_this_night,
        breaker_tripped=closed.breaker_tripped,
        computed_at=timezone.now(),
    )


def grid_place(status: str, tile: int, closed_on: date | None) -> dict[str, int]:
    """Tile, urgency and rank of an offer in the grid, by its state and its shown band.

    Only a LIVE offer is recovering: a closure or a deletion ends that (PRODUCT B4).
    """
    if status == Status.LISTING_DELETED:
        return {"tile": Tile.DELETED, "urgency": Urgency.DELETED, "closed_rank": 0, "recovering": False}
    if status == Status.CLOSED and closed_on:
        rank = -closed_on.toordinal()
        return {"tile": tile, "urgency": Urgency.CLOSED, "closed_rank": rank, "recovering": False}
    return {"tile": tile, "urgency": URGENCY_OF_TILE[Tile(tile)], "closed_rank": 0}


def refresh_grid_status(marketplace: Marketplace) -> None:
    """Bring the grid's rows in line with the offers' states as they are now.

    Runs last in its transaction, after the rows were written: a relist that came meanwhile waits for
    the row's lock and writes after us, one that came before is seen here.
    """
    offers = Offer.objects.filter(marketplace=marketplace, health__isnull=False)
    odd = [
        *offers.filter(status=Status.CLOSED),
        *offers.filter(status=Status.LIVE, health__urgency=Urgency.CLOSED),
        *offers.filter(status=Status.LISTING_DELETED).exclude(health__tile=Tile.DELETED),
        *_unaware_of_relist(offers),
    ]
    place_in_grid([offer.pk for offer in odd])


def _unaware_of_relist(offers: QuerySet[Offer]) -> QuerySet[Offer]:
    """Relisted between the reading of a night and its writing: the night took the offer for closed."""
    relisted = offers.filter(status=Status.LIVE, relisted_on__isnull=False, health__recovering=False)
    return relisted.filter(
        Q(health__recovered_on__isnull=True) | Q(health__recovered_on__lt=F("relisted_on"))
    )


def place_in_grid(offer_ids: list[int]) -> None:
    """Set tile, urgency, rank and recovery of these offers' rows from their present state."""
    rows = OfferHealth.objects.filter(offer_id__in=offer_ids).select_related("offer").order_by("offer_id")
    for row in rows:
        place: dict[str, Any] = grid_place(row.offer.status, row.band, row.offer.last_closed_on)
        if _waits_for_recovery(row):
            place |= {"recovering": True, "recovered_on": None}
        if any(getattr(row, name) != value for name, value in place.items()):
            OfferHealth.objects.filter(pk=row.pk).update(**place)


def _waits_for_recovery(row: OfferHealth) -> bool:
    """LIVE, relisted, and not shown Fair or better since. See `_unaware_of_relist`."""
    relisted_on = row.offer.relisted_on
    if row.offer.status != Status.LIVE or relisted_on is None:
        return False
    return row.recovered_on is None or row.recovered_on < relisted_on


def place_moved_since(moment: datetime) -> None:
    """`place_in_grid` for the offers that moved since then; most stand right already and stay as they are."""
    moved = OfferStatusChange.objects.filter(recorded_at__gte=moment)
    place_in_grid(list(moved.values_list("offer_id", flat=True).distinct()))


def write_summaries(marketplace: Marketplace, as_of: date) -> None:
    """The summary of every seller on this night. One night a week is kept for the trend.

    Whoever counts a seller anew meanwhile is waited for, so that what they did is in these counts.
    """
    kept = SellerSummary.objects.filter(marketplace=marketplace, as_of__gte=_monday(as_of))
    len(kept.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    counted = _tiles(marketplace)
    kept.delete()
    bulk.insert(
        SellerSummary,
        ["marketplace_id", "seller_id", "as_of", "counts"],
        [(marketplace.pk, owner, as_of, counts) for owner, counts in counted.items()],
    )


def refresh_summary(marketplace: Marketplace, as_of: date, seller_id: int) -> None:
    """One seller's summary on this night, counted anew.

    Its row is held while it is counted: of two who moved two offers of a seller the later sees both.
    """
    mine = SellerSummary.objects.filter(marketplace=marketplace, seller_id=seller_id)
    summary = _held(marketplace, as_of, seller_id)
    counts = _tiles(marketplace, seller_id).get(seller_id, {})
    mine.filter(pk=summary.pk).update(counts=counts)
    mine.filter(as_of__gte=_monday(as_of)).exclude(pk=summary.pk).delete()


def _held(marketplace: Marketplace, as_of: date, seller_id: int) -> SellerSummary:
    """The seller's row, made where there is none, and locked; one replaced meanwhile is found again."""
    rows = SellerSummary.objects.filter(marketplace=marketplace, seller_id=seller_id, as_of=as_of)
    while (row := rows.select_for_update(of=("self",)).first()) is None:
        rows.get_or_create(marketplace=marketplace, seller_id=seller_id, as_of=as_of)
    return row


def _tiles(marketplace: Marketplace, seller_id: int | None = None) -> dict[int, dict[str, int]]:
    """By seller how many of their rows are in each tile, and in each of the saved views."""
    sql, params = _CELLS.format("" if seller_id is None else "AND seller_id = %s"), [marketplace.pk]
    with bulk.planned(jit="off"):
        cells = bulk.fetch_columns(sql, params if seller_id is None else [*params, seller_id], ["int"] * 5)
    by_seller: dict[int, dict[str, int]] = {}
    for owner, tile, urgency, recovering, number in zip(*(cell.tolist() for cell in cells), strict=True):
        counts = by_seller.setdefault(owner, {})
        for name in (str(tile), *_attention(urgency, recovering=bool(recovering))):
            counts[name] = counts.get(name, 0) + number
    return by_seller


_CELLS: Final = f"""
    SELECT seller_id, tile, urgency, CASE WHEN recovering THEN 1 ELSE 0 END, COUNT(*)
      FROM {OfferHealth._meta.db_table} WHERE marketplace_id = %s {{}} GROUP BY 1, 2, 3, 4
"""  # noqa: S608


def _attention(urgency: int, *, recovering: bool) -> Iterator[str]:
    """Under which of the saved views an offer counts (PRODUCT B4)."""
    if urgency == Urgency.CLOSED:
        yield "closed"
    if urgency in {Urgency.VERY_POOR, Urgency.POOR}:
        yield "at_risk"
    if recovering:
        yield "recovering"


def total_tiles(marketplace: Marketplace, as_of: date) -> dict[str, int]:
    """The tiles of all sellers together, from their summaries."""
    total = {str(tile.value): 0 for tile in Tile}
    summaries = SellerSummary.objects.filter(marketplace=marketplace, as_of=as_of)
    for counts in summaries.values_list("counts", flat=True):
        for tile in total:
            total[tile] += counts.get(tile, 0)
    return total
