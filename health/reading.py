"""What a night reads: the roster of offers and their order lines. `reading_feedback` reads what was said.

A shard is a range of offer ids, judged by itself. All reads of a night belong into one `snapshot()`,
whoever makes them, so that an import that lands meanwhile is seen whole or not at all (an event counted
without its order would make k larger than n).
"""

# ruff: noqa: S608 - what is put into a query here are the names of columns and marks for parameters

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

import numpy as np
from django.db import connection, transaction
from django.db.models import Max

from health.bands import Bools, Floats, Ints
from health.counting import NEVER, OrderTally
from health.models import ClosureHold
from offers import bulk
from offers.bulk import fetch, fetch_columns
from offers.lifecycle import Move, Status
from offers.models import Condition, Marketplace, OfferStatusChange, Seller

# Ties between events of one moment are decided in this order.
CHANNELS: Final = ("return", "refund", "contact", "review")
SHARD: Final = 1 << 15
"""Offers judged at once: bounds the memory, and is what several workers share out among them."""
Range: TypeAlias = tuple[int, int]
EVERYTHING: Final[Range] = (0, 2**63 - 1)


@contextmanager
def snapshot(exported: str = "") -> Iterator[None]:
    """One consistent view of the data for everything read inside; `exported` names one to share.

    Within an open transaction (a test's) the isolation can't be chosen any more: then it is the caller's.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                if exported:
                    cursor.execute("SET TRANSACTION SNAPSHOT %s", [exported])
        yield


def by_bytes(column: str) -> str:
    """Sort text as Python does, by code point: databases have collations of their own."""
    return f'{column} COLLATE "C"' if connection.vendor == "postgresql" else f"{column} COLLATE BINARY"


def epoch(column: str) -> str:
    """SQL for the seconds of a moment since 1970, null where there is none."""
    if connection.vendor == "postgresql":
        return f"EXTRACT(EPOCH FROM {column})"
    return f"(julianday({column}) - 2440587.5) * 86400.0"


def code_of(column: str, values: Sequence[str]) -> str:
    """SQL for the place of a text column's value among `values`, which may be any text; at least one."""
    quoted = [value.replace("'", "''").replace("%", "%%") for value in values]
    cases = " ".join(f"WHEN '{value}' THEN {code}" for code, value in enumerate(quoted))
    return f"CASE {column} {cases} END"


@dataclass(frozen=True, slots=True)
class Roster:
    """The offers of a marketplace's shard that are not deleted, by rising id.

    `seller`, `top` and `category` are database ids (0: uncategorised); days are ordinals, NEVER where none.
    """

    offer_id: Ints
    seller: Ints
    top: Ints
    category: Ints
    condition: Ints
    price: Floats
    listed_on: Ints
    live: Bools
    closed_on: Ints
    """The day of the closure while the offer is closed, else NEVER."""
    relisted_on: Ints
    counts_from: Ints
    """The first as-of day that may count towards a closure: the day of a lift, the day after a drop."""
    latest_relist: Ints
    """The latest relist whenever it was; `relisted_on` knows only those up to the night's date."""

    def __len__(self) -> int:
        return len(self.offer_id)

    def positions(self, offer_ids: Ints) -> tuple[Ints, Bools]:
        """The index of each offer id in the roster, and which of them are in it."""
        if not len(self):
            return np.zeros(len(offer_ids), np.int64), np.zeros(len(offer_ids), np.bool_)
        index = np.searchsorted(self.offer_id, offer_ids).clip(max=len(self) - 1)
        return index, self.offer_id[index] == offer_ids

    @property
    def range(self) -> Range:
        """The first and the last offer id; of no offer where there is none."""
        return (int(self.offer_id[0]), int(self.offer_id[-1])) if len(self) else (0, -1)

    def lay_out(self, offer_ids: Ints, *columns: Ints) -> Ints:
        """Columns of numbers by offer id, laid out along the roster: shape (columns, offers), 0 for none.

        The numbers are days, bands and counts: they fit into 32 bits.
        """
        laid = np.zeros((len(columns), len(self)), np.int32)
        index, known = self.positions(offer_ids)
        for row, values in enumerate(columns):
            laid[row, index[known]] = values[known]
        return laid


def read_shards(marketplace: Marketplace, block: int) -> tuple[int, list[Range]]:
    """How many offers the roster has, and ranges (first, last) of ids that hold them all.

    A range is made of whole blocks of so many ids, and has at most `SHARD` offers if a block has.
    """
    sql = """
        SELECT id / %s, COUNT(*) FROM offers_offer WHERE marketplace_id = %s AND status <> %s GROUP BY 1
    """
    params = [block, marketplace.pk, Status.LISTING_DELETED.value]
    with bulk.planned(jit="off"):
        numbers, offers = fetch_columns(sql, params, ("int", "int"))
    order = np.argsort(numbers)
    return int(offers.sum()), list(_ranges(numbers[order].tolist(), offers[order].tolist(), block))


def _ranges(numbers: list[int], offers: list[int], block: int) -> Iterator[Range]:
    first, held = 0, 0
    for place, more in enumerate(offers):
        if held and held + more > SHARD:
            yield numbers[first] * block, (numbers[place - 1] + 1) * block - 1
            first, held = place, 0
        held += more
    if held:
        yield numbers[first] * block, (numbers[-1] + 1) * block - 1


def read_order(marketplace: Marketplace) -> Ints:
    """The ids of the roster's offers in (seller code, sku) order, in which a benchmark's sums run.

    The order is Python's, not the database's, so that sums run alike on every database. Sorted by sellers'
    numbers, which is faster than by their codes; whole sellers are put in the order of these afterwards.
    """
    sql = f"""
        SELECT id, seller_id FROM offers_offer WHERE marketplace_id = %s AND status <> %s
         ORDER BY seller_id, {by_bytes("sku")}, id
    """
    with bulk.planned(work_mem="64MB", jit="off"):
        offers, sellers = fetch_columns(sql, [marketplace.pk, Status.LISTING_DELETED.value], ("int", "int"))
    heads = np.flatnonzero(np.diff(sellers, prepend=-1))
    codes = dict(Seller.objects.values_list("pk", "code"))
    return narrow(offers[_by_code(heads, len(offers), [codes[pk] for pk in sellers[heads].tolist()])])


def _by_code(heads: Ints, size: int, codes: list[str]) -> Ints:
    """The places of all offers, each seller's stretch (it begins at its head) put where its code belongs."""
    order = sorted(range(len(codes)), key=codes.__getitem__)
    lengths = np.diff(heads, append=size)[order]
    starts = np.cumsum(lengths) - lengths
    places: Ints = np.arange(size) + np.repeat(heads[order] - starts, lengths)
    return places


def read_roster(marketplace: Marketplace, as_of: date, within: Range = EVERYTHING) -> Roster:
    """The roster for the night of `as_of`, or a shard of it."""
    sql = f"""
        SELECT o.id, o.seller_id, COALESCE(o.category_id, 0),
               {code_of("o.condition", [str(value) for value in Condition.values])}, o.price,
               o.listed_on, CASE WHEN o.status = 'LIVE' THEN 1 ELSE 0 END,
               CASE WHEN o.status = 'CLOSED' THEN o.last_closed_on END, o.relisted_on, o.lifted_on
          FROM offers_offer o
         WHERE o.marketplace_id = %s AND o.status <> %s AND o.id BETWEEN %s AND %s
         ORDER BY o.id
    """
    kinds = ("int", "int", "int", "short", "float", "day", "short", "day", "day", "day")
    params = [marketplace.pk, Status.LISTING_DELETED.value, *within]
    offer_id, seller, category, condition, price, listed, live, closed, relisted, lifted = fetch_columns(
        sql, params, kinds
    )
    return Roster(
        offer_id=offer_id,
        seller=narrow(seller),
        top=narrow(_tops(category)),
        category=narrow(category),
        condition=condition.astype(np.int8),
        price=price,
        listed_on=listed,
        live=live.astype(np.bool_),
        closed_on=closed,
        relisted_on=_relisted_up_to(marketplace, as_of, offer_id, relisted),
        counts_from=np.maximum(lifted, _dropped(marketplace, offer_id)),
        latest_relist=relisted,
    )


def _tops(category: Ints) -> Ints:
    """The first step of each category's path; 0 stays. Not joined: that would sort every offer."""
    known, top = fetch_columns("SELECT id, COALESCE(top_id, id) FROM offers_category", [], ("int", "int"))
    order = np.argsort(known)
    places = np.searchsorted(known, category, sorter=order)
    return np.where(category > 0, np.append(top[order], 0)[places], 0)


def narrow(ids: Ints) -> Ints:
    """Numbers that are not negative in 32 bits, if they fit."""
    return ids.astype(np.int32) if not len(ids) or ids.max() <= np.iinfo(np.int32).max else ids


def _scatter(offer_id: Ints, values: dict[int, date]) -> Ints:
    """One day per offer of the roster, NEVER where `values` has none."""
    days = np.full(len(offer_id), NEVER, np.int32)
    known = np.flatnonzero(np.isin(offer_id, np.array(list(values), np.int64)))
    days[known] = [values[pk].toordinal() for pk in offer_id[known].tolist()]
    return days


def _relisted_up_to(marketplace: Marketplace, as_of: date, offer_id: Ints, latest: Ints) -> Ints:
    """The latest relist not after `as_of`. Only offers relisted later still need the log."""
    if not (latest > as_of.toordinal()).any():
        return latest
    relists = OfferStatusChange.objects.filter(
        offer__marketplace=marketplace, move=Move.RELIST.value, on__lte=as_of
    )
    return _scatter(offer_id, dict(relists.values_list("offer_id").annotate(Max("on"))))


def _dropped(marketplace: Marketplace, offer_id: Ints) -> Ints:
    """The day after the last night that a dropped closure makes void."""
    dropped = ClosureHold.objects.filter(marketplace=marketplace, nights_start_after__isnull=False)
    latest = dict(dropped.values_list("offer_id").annotate(Max("nights_start_after")))
    days = _scatter(offer_id, latest)
    return np.where(days > NEVER, days + 1, NEVER)


def read_orders(
    marketplace: Marketplace, roster: Roster, as_of: date, *, short: int, long: int
) -> tuple[OrderTally, Ints]:
    """Plain order counts of both windows, and the day of each offer's last order up to `as_of`."""
    day = as_of.toordinal()
    tally = np.zeros((3, len(roster)), np.int32)
    first = date.fromordinal(day - long)
    with bulk.planned(**BY_INDEX_ALONE):
        params = [date.fromordinal(day - short), *roster.range, first, as_of]
        sql = _TALLIED.format(only=_only_of(marketplace, roster))
        offers, *columns = fetch_columns(sql, params, ("int", "day", "short", "short"))
        index, known = roster.positions(offers)
        for laid, values in zip(tally, columns, strict=True):
            laid[index[known]] = values[known]
        _add_older(roster, tally[0], first)
    since_short, since_long = tally[1].copy(), tally[2].copy()
    # Few offers are relisted within the window: only their lines are read day by day.
    relisted = np.flatnonzero(roster.relisted_on > day - long + 1)
    if len(relisted):
        row, age, number = read_ages(roster, relisted, day, long)
        number = np.where(age <= day - roster.relisted_on[row], number, 0)
        since_short[relisted] = since_long[relisted] = 0
        np.add.at(since_short, row, np.where(age < short, number, 0))
        np.add.at(since_long, row, number)
    return OrderTally(tally[1], tally[2], since_short, since_long), tally[0]


# Cancelled lines are left out in the very words of the index: SQLite compares these, not their meaning.
_TALLIED: Final = """
    SELECT l.offer_id, MAX(l.ordered_on), SUM(CASE WHEN l.ordered_on > %s THEN 1 ELSE 0 END), COUNT(*)
      FROM offers_orderline l
     WHERE l.offer_id BETWEEN %s AND %s AND NOT (l.status = 'cancelled')
       AND l.ordered_on > %s AND l.ordered_on <= %s {only}
     GROUP BY l.offer_id
"""


def _add_older(roster: Roster, last_ordered: Ints, first: date) -> None:
    """Find the last order of those that had none since: the end of each one's part of the index."""
    quiet = roster.offer_id[last_ordered == NEVER].tolist()
    if not quiet:
        return
    sql = f"""
        SELECT o.id, (SELECT MAX(l.ordered_on) FROM offers_orderline l
                       WHERE l.offer_id = o.id AND NOT (l.status = 'cancelled') AND l.ordered_on <= %s)
          FROM offers_offer o WHERE o.id IN ({", ".join(map(str, quiet))})
    """
    offers, last = fetch_columns(sql, [first], ("int", "day"))
    index, known = roster.positions(offers)
    last_ordered[index[known]] = last[known]


# The index has all that is counted, sorted by offer: PostgreSQL would rather read the wide table and hash.
BY_INDEX_ALONE: Final = {
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_hashagg": "off",
    "max_parallel_workers_per_gather": "0",  # the cores are the workers'
    "jit": "off",
}


def _only_of(marketplace: Marketplace, roster: Roster) -> str:
    """SQL that leaves out other marketplaces' lines, where they are many; else they are left out later."""
    if not len(roster) or 2 * len(roster) > np.ptp(roster.offer_id):
        return ""
    return f"AND l.offer_id IN (SELECT id FROM offers_offer WHERE marketplace_id = {marketplace.pk})"


def read_ages(roster: Roster, rows: Ints, day: int, window: int) -> tuple[Ints, Ints, Ints]:
    """Row of the roster, age in days (0 is the as-of day) and number of these offers' order lines by day."""
    ids = ", ".join(map(str, roster.offer_id[rows].tolist()))
    sql = f"""
        SELECT offer_id, ordered_on, COUNT(*) FROM offers_orderline
         WHERE offer_id IN ({ids}) AND NOT (status = 'cancelled') AND ordered_on > %s AND ordered_on <= %s
         GROUP BY offer_id, ordered_on
    """
    params = [date.fromordinal(day - window), date.fromordinal(day)]
    offers, days, number = fetch_columns(sql, params, ("int", "day", "int"))
    return roster.positions(offers)[0], day - days, number


def read_plain_since(offer_id: int, since: int, day: int) -> int:
    """Plain order lines of one offer from a day on, up to and with `day`."""
    sql = """
        SELECT COUNT(*) FROM offers_orderline
         WHERE offer_id = %s AND NOT (status = 'cancelled') AND ordered_on >= %s AND ordered_on <= %s
    """
    ((count,),) = fetch(sql, [offer_id, date.fromordinal(since), date.fromordinal(day)])
    return int(count)
