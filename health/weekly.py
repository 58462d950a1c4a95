"""The weekly summary: one notice per seller and marketplace, written by the night before its weekday."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.conf import settings

from health.closures import ONE_DAY, moment_of
from health.models import Notification, NotificationKind, OfferHealth, SellerSummary, Tile
from health.result import NightResult
from offers import bulk
from offers.lifecycle import CLOSING_MOVES
from offers.models import Marketplace, Offer, OfferStatusChange

A_WEEK: Final = timedelta(days=7)
NAMED: Final = 5
"""So many offers of each kind are named; the others are counted."""
FIX_FIRST: Final = 3
_PIECE: Final = 500
_COLUMNS: Final = ("seller_id", "marketplace_id", "kind", "on", "evidence", "email", "created_at")
_LISTED: Final = tuple(str(tile.value) for tile in Tile if tile is not Tile.DELETED)


@dataclass(frozen=True, slots=True)
class _Week:
    """What happened to the offers of a marketplace in a week: offer ids by seller, most recent first.

    fix_first: (offer id, orders above what similar offers would have had) by seller, largest first.
    before: the tiles of each seller a week ago, with their night.
    """

    closed: dict[int, list[int]]
    at_risk: dict[int, list[int]]
    recovered: dict[int, list[int]]
    fix_first: dict[int, list[tuple[int, float]]]
    before: dict[int, tuple[date, dict[str, int]]]
    titles: dict[int, str]


def summarize_week(result: NightResult, newest: date) -> int:
    """Write the weekly summaries if this is their night. Returns how many are new.

    The night is the one whose job runs on the summaries' weekday (`SUMMARY_DAY`, Monday by default), so
    that they tell of whole weeks. Runs inside the transaction that publishes the night, after its notices.
    """
    on = result.as_of + ONE_DAY
    if on.weekday() != settings.SUMMARY_WEEKDAY:
        return 0
    known = Notification.objects.filter(marketplace=result.marketplace, kind=NotificationKind.WEEKLY, on=on)
    tiles = _tiles(result.marketplace, result.as_of, set(known.values_list("seller_id", flat=True)))
    if not tiles:
        return 0
    week = _read_week(result)
    email = Notification.Email.PENDING if result.as_of >= newest else Notification.Email.NONE
    at = moment_of(result.marketplace, result.as_of, newest)
    told = (
        (seller, result.marketplace.pk, NotificationKind.WEEKLY.value, on, evidence, email, at)
        for seller, evidence in _evidence(result.as_of, tiles, week)
    )
    return bulk.insert(Notification, _COLUMNS, told)


def _tiles(marketplace: Marketplace, as_of: date, told: set[int]) -> dict[int, dict[str, int]]:
    """Tonight's tiles of every seller with an offer that is not deleted, but for those `told` already."""
    rows = SellerSummary.objects.filter(marketplace=marketplace, as_of=as_of).order_by("seller_id")
    return {
        seller: counts
        for seller, counts in rows.values_list("seller_id", "counts")
        if seller not in told and any(counts.get(tile) for tile in _LISTED)
    }


def _read_week(result: NightResult) -> _Week:
    """Everything that the summaries of all sellers need, by a handful of queries."""
    marketplace, upto = result.marketplace, result.as_of + ONE_DAY
    closures = OfferStatusChange.objects.filter(
        offer__marketplace=marketplace,
        move__in=[move.value for move in CLOSING_MOVES],
        in_error=False,
        on__gt=upto - A_WEEK,
        on__lte=upto,
    ).order_by("-at", "-pk")
    closed = _by_seller(closures.values_list("offer__seller_id", "offer_id"))
    at_risk = _told(marketplace, NotificationKind.AT_RISK, upto)
    recovered = _told(marketplace, NotificationKind.RECOVERING, upto)
    fix_first = _fix_first(result)
    named = {pk for kind in (closed, at_risk, recovered) for ids in kind.values() for pk in ids[:NAMED]}
    named.update(pk for rows in fix_first.values() for pk, _ in rows)
    before = _tiles_before(marketplace, result.as_of)
    return _Week(closed, at_risk, recovered, fix_first, before, _titles(sorted(named)))


def _told(marketplace: Marketplace, kind: str, upto: date) -> dict[int, list[int]]:
    notices = Notification.objects.filter(
        marketplace=marketplace, kind=kind, on__gt=upto - A_WEEK, on__lte=upto, offer__isnull=False
    ).order_by("-on", "-pk")
    return _by_seller((seller, offer or 0) for seller, offer in notices.values_list("seller_id", "offer_id"))


def _by_seller(pairs: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """Each seller's offers once, in the order of their first mention."""
    found: dict[int, dict[int, None]] = {}
    for seller, offer in pairs:
        found.setdefault(seller, {})[offer] = None
    return {seller: list(offers) for seller, offers in found.items()}


def _fix_first(result: NightResult) -> dict[int, list[tuple[int, float]]]:
    """Where fixing helps most: NCX orders above what similar offers would have had, k - n·m (UX 5e).

    By the rows that tonight wrote. An order more than usual is the least that is worth naming.
    """
    sql = f"""
        SELECT seller_id, offer_id, excess FROM (
            SELECT seller_id, offer_id, excess,
                   ROW_NUMBER() OVER (PARTITION BY seller_id ORDER BY excess DESC, offer_id) AS place
              FROM {OfferHealth._meta.db_table}
             WHERE marketplace_id = %s AND as_of = %s AND excess >= 1.0) AS ranked
         WHERE place <= {FIX_FIRST} ORDER BY seller_id, place
    """  # noqa: S608 - names and numbers made here
    found: dict[int, list[tuple[int, float]]] = {}
    for seller, offer, excess in bulk.fetch(sql, [result.marketplace.pk, result.as_of]):
        found.setdefault(seller, []).append((offer, excess))
    return found


def _tiles_before(marketplace: Marketplace, as_of: date) -> dict[int, tuple[date, dict[str, int]]]:
    """The newest tiles that are a week old or older, two weeks at most: one night of each week is kept."""
    rows = SellerSummary.objects.filter(
        marketplace=marketplace, as_of__lte=as_of - A_WEEK, as_of__gt=as_of - 2 * A_WEEK
    ).order_by("as_of")
    return {
        seller: (night, counts) for seller, night, counts in rows.values_list("seller_id", "as_of", "counts")
    }


def _titles(offer_ids: list[int]) -> dict[int, str]:
    titles: dict[int, str] = {}
    for start in range(0, len(offer_ids), _PIECE):
        piece = Offer.objects.filter(pk__in=offer_ids[start : start + _PIECE])
        titles.update(piece.values_list("pk", "title"))
    return titles


def _evidence(
    as_of: date, tiles: dict[int, dict[str, int]], week: _Week
) -> Iterator[tuple[int, dict[str, Any]]]:
    """What each seller is told, as JSON."""
    for seller, counts in tiles.items():
        night, before = week.before.get(seller, (None, {}))
        yield (
            seller,
            {
                "as_of": as_of.isoformat(),
                "before": night.isoformat() if night else None,
                "tiles": counts,
                "tiles_before": before,
                **{
                    name: _named(happened.get(seller, []), week.titles)
                    for name, happened in (
                        ("closed", week.closed),
                        ("at_risk", week.at_risk),
                        ("recovered", week.recovered),
                    )
                },
                "fix_first": [
                    {"offer": pk, "title": week.titles[pk], "excess": round(excess, 4)}
                    for pk, excess in week.fix_first.get(seller, [])
                ],
            },
        )


def _named(offer_ids: list[int], titles: dict[int, str]) -> dict[str, Any]:
    return {
        "count": len(offer_ids),
        "offers": [{"offer": pk, "title": titles[pk]} for pk in offer_ids[:NAMED]],
    }
