"""Writing a judged night: current rows, history, tiles. Runs inside the caller's transaction."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from health.bands import Ints
from health.counting import NEVER
from health.judge import HEALTHY, Judged
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
from health.trend import advance
from offers import bulk
from offers.lifecycle import Status
from offers.models import Marketplace, Offer

_URGENCY: Final = np.array([URGENCY_OF_TILE[tile] for tile in Tile], dtype=np.int64)


def forget_from(marketplace: Marketplace, as_of: date) -> None:
    """Take back what was written for `as_of` and later nights. Closures and their notices stay.

    Summaries and the nights themselves are replaced last: see `publish`.
    """
    HealthChange.objects.filter(offer__marketplace=marketplace, as_of__gte=as_of).delete()
    BenchmarkRefresh.objects.filter(marketplace=marketplace, as_of__gte=as_of).delete()
    BenchmarkPlacement.objects.filter(refresh__marketplace=marketplace, since__gte=as_of).delete()


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def publish(judged: Judged) -> None:
    """Replace the current rows, write the history of what changed, the benchmark and the tiles.

    Rows of the grid, summaries, the night: whoever moves an offer meanwhile locks them in the same order.
    """
    forget_from(judged.marketplace, judged.as_of)
    if judged.compared.new:
        judged.compared.new.save(force_insert=True)
    BenchmarkPlacement.objects.bulk_create(judged.compared.placed, batch_size=500)
    bulk.upsert(OfferHealth, ["offer_id"], list(_COLUMNS), _current_rows(judged))
    bulk.insert(HealthChange, list(_CHANGE_COLUMNS), _change_rows(judged))
    refresh_grid_status(judged.marketplace)
    write_summaries(judged.marketplace, judged.as_of)
    Night.objects.filter(marketplace=judged.marketplace, as_of__gte=judged.as_of).delete()
    Night.objects.create(
        marketplace=judged.marketplace,
        as_of=judged.as_of,
        policy=judged.policy_row,
        refreshed=judged.compared.new is not None,
        sum_n=judged.compared.sum_n,
        counts=total_tiles(judged.marketplace, judged.as_of),
        computed_at=timezone.now(),
    )


def _dates(days: Ints) -> list[date | None]:
    """Dates of ordinals; few differ, so each is made once."""
    known = {day: date.fromordinal(day) if day > NEVER else None for day in np.unique(days).tolist()}
    return [known[day] for day in days.tolist()]


def _nullable(values: np.ndarray) -> list[Any]:
    """Floats with None for NaN."""
    return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124 - NaN differs from itself


_COLUMNS: Final = (
    *("offer_id", "seller_id", "marketplace_id", "as_of", "window_days", "n", "k", "c"),
    *("orders", "ncx_orders", "comments", "m", "s", "w", "level", "similar_offers", "peer_p10", "peer_p90"),
    *("band", "proposed", "streak", "band_1", "proposed_1", "streak_1", "proposed_2"),
    *("tile", "urgency", "closed_rank", "excess", "rate", "recovering", "recovered_on"),
    *(
        "last_ordered_on",
        "last_updated_on",
        "top_reason",
        "top_reason_orders",
        "stars_mean",
        "stars_count",
        "trend",
    ),
)


def _current_rows(judged: Judged) -> Iterator[tuple[Any, ...]]:
    """One tuple per offer of the roster, in the order of `_COLUMNS`."""
    size, counts, compared, extras = (
        len(judged.roster),
        judged.compared.counts,
        judged.compared,
        judged.extras,
    )
    rate = np.where(counts.orders > 0, counts.ncx_orders / np.maximum(counts.orders, 1), np.nan)
    excess = np.nan_to_num(counts.ncx_orders - counts.orders * compared.m, nan=0.0)
    rates = _nullable(rate)
    recovered = _recovered_on(judged)
    stars = np.where(extras.stars_count > 0, extras.stars_sum / np.maximum(extras.stars_count, 1), np.nan)
    yield from zip(
        judged.roster.offer_id.tolist(),
        judged.roster.seller.tolist(),
        [judged.marketplace.pk] * size,
        [judged.as_of] * size,
        counts.window.tolist(),
        counts.n.tolist(),
        counts.k.tolist(),
        counts.c.tolist(),
        counts.orders.tolist(),
        counts.ncx_orders.tolist(),
        counts.comments.tolist(),
        _nullable(compared.m),
        _nullable(compared.s),
        _nullable(compared.w),
        [None if level < 0 else level for level in compared.level.tolist()],
        compared.similar.tolist(),
        _nullable(judged.peer_p10),
        _nullable(judged.peer_p90),
        judged.band.tolist(),
        judged.proposed.tolist(),
        judged.streak.tolist(),
        judged.state.prev.tolist(),
        judged.state.one_before.tolist(),
        judged.state.streak.tolist(),
        judged.state.two_before.tolist(),
        judged.band.tolist(),
        _URGENCY[judged.band].tolist(),
        [0] * size,
        excess.tolist(),
        rates,
        _recovering(judged, recovered),
        recovered,
        _dates(extras.last_ordered),
        _dates(extras.last_updated),
        ["" if code < 0 else judged.reasons[code] for code in extras.reason.tolist()],
        extras.reason_orders.tolist(),
        _nullable(stars),
        extras.stars_count.tolist(),
        _trends(judged, rates),
        strict=True,
    )


def _trends(judged: Judged, rates: list[float | None]) -> list[str]:
    known = dict(OfferHealth.objects.filter(marketplace=judged.marketplace).values_list("offer_id", "trend"))
    return [
        advance(known.get(pk, ""), judged.as_of, rate)
        for pk, rate in zip(judged.roster.offer_id.tolist(), rates, strict=True)
    ]


def _recovered_on(judged: Judged) -> list[date | None]:
    """The first night since the relist with Fair or better; what an earlier computation said stands."""
    day, relisted = judged.as_of.toordinal(), judged.roster.latest_relist
    before = np.zeros(len(judged.roster), np.int64)
    rows = OfferHealth.objects.filter(marketplace=judged.marketplace, recovered_on__lt=judged.as_of)
    known = [(pk, on.toordinal()) for pk, on in rows.values_list("offer_id", "recovered_on") if on]
    if known:
        index, here = judged.roster.positions(np.array([pk for pk, _ in known]))
        before[index[here]] = np.array([on for _, on in known])[here]
    stands = (before > NEVER) & (before >= relisted)
    tonight = (relisted > NEVER) & (relisted <= day) & np.isin(judged.band, HEALTHY)
    return _dates(np.where(stands, before, np.where(tonight, day, NEVER)))


def _recovering(judged: Judged, recovered: list[date | None]) -> list[bool]:
    """LIVE, relisted, not yet shown Fair or better since."""
    open_now = (judged.roster.live & (judged.roster.latest_relist > NEVER)).tolist()
    return [is_open and on is None for is_open, on in zip(open_now, recovered, strict=True)]


_CHANGE_COLUMNS: Final = (
    *("offer_id", "as_of", "band", "proposed", "closable", "window_days", "n", "k", "c"),
    *("m", "s", "w", "level", "policy_version"),
)


def _change_rows(judged: Judged) -> Iterator[tuple[Any, ...]]:
    """The offers whose state differs from the night before, and all with a state on the first night."""
    counts, compared, state = judged.compared.counts, judged.compared, judged.state
    changed = (judged.band != state.prev) | (judged.proposed != state.one_before)
    changed |= judged.closable != (state.streak > 0)
    changed |= (counts.window != compared.window_before) & (compared.window_before > 0)
    for row in np.flatnonzero(changed).tolist():
        has = compared.level[row] >= 0
        yield (
            int(judged.roster.offer_id[row]),
            judged.as_of,
            int(judged.band[row]),
            int(judged.proposed[row]),
            bool(judged.closable[row]),
            int(counts.window[row]),
            float(counts.n[row]),
            float(counts.k[row]),
            int(counts.c[row]),
            float(compared.m[row]) if has else None,
            float(compared.s[row]) if has else None,
            float(compared.w[row]) if has else None,
            int(compared.level[row]) if has else None,
            judged.policy_row.version,
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
    ]
    place_in_grid([offer.pk for offer in odd])
    # A relist between the reading of the night and its writing: the night took the offer for closed.
    relisted = offers.filter(status=Status.LIVE, relisted_on__isnull=False, health__recovering=False)
    unaware = Q(health__recovered_on__isnull=True) | Q(health__recovered_on__lt=F("relisted_on"))
    rows = OfferHealth.objects.filter(offer_id__in=relisted.filter(unaware).values("pk"))
    rows.update(recovering=True, recovered_on=None)


def place_in_grid(offer_ids: list[int]) -> None:
    """Set tile, urgency and rank of these offers' rows from their present state."""
    rows = OfferHealth.objects.filter(offer_id__in=offer_ids).select_related("offer").order_by("offer_id")
    for row in rows:
        place = grid_place(row.offer.status, row.band, row.offer.last_closed_on)
        if any(getattr(row, name) != value for name, value in place.items()):
            OfferHealth.objects.filter(pk=row.pk).update(**place)


def write_summaries(marketplace: Marketplace, as_of: date) -> None:
    """The summary of every seller on this night. One night a week is kept for the trend.

    Whoever counts a seller anew meanwhile is waited for, so that what they did is in these counts.
    """
    kept = SellerSummary.objects.filter(marketplace=marketplace, as_of__gte=_monday(as_of))
    len(kept.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    counted = _tiles(OfferHealth.objects.filter(marketplace=marketplace))
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
    rows = OfferHealth.objects.filter(marketplace=marketplace, seller_id=seller_id)
    mine.filter(pk=summary.pk).update(counts=_tiles(rows).get(seller_id, {}))
    mine.filter(as_of__gte=_monday(as_of)).exclude(pk=summary.pk).delete()


def _held(marketplace: Marketplace, as_of: date, seller_id: int) -> SellerSummary:
    """The seller's row, made where there is none, and locked; one replaced meanwhile is found again."""
    rows = SellerSummary.objects.filter(marketplace=marketplace, seller_id=seller_id, as_of=as_of)
    while (row := rows.select_for_update(of=("self",)).first()) is None:
        rows.get_or_create(marketplace=marketplace, seller_id=seller_id, as_of=as_of)
    return row


def _tiles(rows: QuerySet[OfferHealth]) -> dict[int, dict[str, int]]:
    """By seller how many of these rows are in each tile, and in each of the saved views."""
    by_seller: dict[int, dict[str, int]] = {}
    cells = rows.values_list("seller_id", "tile", "urgency", "recovering").annotate(number=Count("pk"))
    for owner, tile, urgency, recovering, number in cells.order_by():
        counts = by_seller.setdefault(owner, {})
        for name in (str(tile), *_attention(urgency, recovering=recovering)):
            counts[name] = counts.get(name, 0) + number
    return by_seller


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
