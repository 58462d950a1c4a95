"""The removal order report: what each row says, and the rows of one order and SKU as one.

The report (FBA removal order detail) names neither marketplace nor seller: the marketplace is the import's,
and the seller whoever has the order or, alone, the SKU. Where several sellers have it the file needs a
column `seller`. An order has a row for each SKU, and for each kind and condition of its units.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final, NamedTuple

import numpy as np

from offers.importers.checking import Rows
from offers.importers.columns import Objects
from offers.importers.dates import read_moments
from offers.importers.known import Context
from offers.importers.reading import Kind
from offers.models import RemovalKind, RemovalState
from offers.removal_actions import Progress

KIND: Final = Kind(
    name="removals",
    required=("order_id", "order_type", "order_status", "sku", "last_updated_date", "requested_quantity"),
    optional=(
        "marketplace",
        "seller",
        "request_date",
        "fnsku",
        "disposition",
        "cancelled_quantity",
        "disposed_quantity",
        "shipped_quantity",
        "in_process_quantity",
    ),
    key=("seller", "order_id", "sku"),
)
LIQUIDATED: Final = "liquidations, taken as disposals"
CUT_SHORT: Final = "completed orders with units that are neither done nor cancelled, taken as cancelled"
_REQUESTED, _PROCESSING, _COMPLETED, _CANCELLED = RemovalState.values
_RETURN, _DISPOSAL = RemovalKind.values
_KINDS: Final = {
    "return": _RETURN,
    "disposal": _DISPOSAL,
    "dispose": _DISPOSAL,
    "liquidation": _DISPOSAL,
    "liquidations": _DISPOSAL,
}
_STATES: Final = {
    "pending": _REQUESTED,
    "planning": _REQUESTED,
    "requested": _REQUESTED,
    "processing": _PROCESSING,
    "in process": _PROCESSING,
    "in progress": _PROCESSING,
    "completed": _COMPLETED,
    "complete": _COMPLETED,
    "cancelled": _CANCELLED,
    "canceled": _CANCELLED,
}
_ENDED: Final = {_COMPLETED, _CANCELLED}


@dataclass(frozen=True)
class Said:
    """The columns of checked rows. `at`: when the order last changed, `asked_at`: when it was asked for."""

    seller: Objects
    order_id: Objects
    sku: Objects
    kind: Objects
    state: Objects
    asked_at: Objects
    at: Objects
    quantity: Objects
    done: Objects
    cancelled: Objects
    busy: Objects
    lot: Objects


class Told(NamedTuple):
    """What the rows of one order and SKU say together."""

    rows: list[int]
    order_id: str
    sku: str
    kind: str
    quantity: int
    progress: Progress
    asked_at: datetime
    at: datetime


def check(rows: Rows, context: Context) -> Said:
    """Check every column, refuse what is wrong."""
    if rows.has("marketplace"):
        rows.only_marketplace(context.marketplace.code)
    rows.required(
        {
            "order_id": "give the removal order's number",
            "sku": "give the seller's SKU",
            "last_updated_date": "give the date of the order's last change",
            "requested_quantity": "give the units that were asked for",
        }
    )
    rows.at_most({"seller": 64, "order_id": 40, "sku": 200})
    liquidated = rows.column("order_type").where(lambda text: text.lower().startswith("liquidation"))
    rows.note(liquidated, LIQUIDATED)
    requested = rows.wholes("requested_quantity", 1)
    cancelled = rows.wholes("cancelled_quantity", 0, empty=0)
    done = _sums(rows.wholes(f"{way}_quantity", 0, empty=0) for way in ("disposed", "shipped"))
    _refuse_too_many(rows, requested, done, cancelled)
    at = _moments(rows, "last_updated_date", context)
    asked_at = _moments(rows, "request_date", context)
    return Said(
        seller=rows.texts("seller"),
        order_id=rows.texts("order_id"),
        sku=rows.texts("sku"),
        kind=rows.choices("order_type", _KINDS, "give Return or Disposal"),
        state=rows.choices("order_status", _STATES, "give Pending, Processing, Completed or Cancelled"),
        asked_at=np.where(asked_at == None, at, asked_at),  # noqa: E711 - each cell is compared
        at=at,
        quantity=requested,
        done=done,
        cancelled=cancelled,
        busy=rows.wholes("in_process_quantity", 0, empty=0),
        lot=rows.texts("fnsku") + "\x1f" + rows.texts("disposition"),
    )


def _sums(columns: Iterable[Objects]) -> Objects:
    """Units of several columns together; rows that were refused have no number."""
    first, second = columns
    total: Objects = np.array([(a or 0) + (b or 0) for a, b in zip(first, second, strict=True)], dtype=object)
    return total


def _refuse_too_many(rows: Rows, requested: Objects, done: Objects, cancelled: Objects) -> None:
    columns = zip(requested, done, cancelled, strict=True)
    over = [bool(units and ended + (dropped or 0) > units) for units, ended, dropped in columns]
    rows.refuse(
        np.array(over, dtype=bool),
        "requested_quantity",
        "shipped, disposed and cancelled units are more than that; correct the quantities",
    )


def _moments(rows: Rows, column: str, context: Context) -> Objects:
    """Moments; of a bare date its first one: a stock told on the same day knows of what left on it."""
    read = read_moments(rows, column, context.zone, context.today)
    made = read.moments
    for row in np.flatnonzero(np.isnat(read.at) & ~np.isnat(read.on)).tolist():
        made[row] = _begin(read.dates[row], context)
    return made


def _begin(day: date, context: Context) -> datetime:
    return datetime.combine(day, time.min, context.zone)


def together(rows: Rows, said: Said) -> list[Told]:
    """The rows of one seller, order and SKU as one; all of them must be good, and of one kind."""
    groups: dict[tuple[str, str, str], list[int]] = {}
    for row in range(len(rows)):
        groups.setdefault((said.seller[row], said.order_id[row], said.sku[row]), []).append(row)
    told = []
    for parts in groups.values():
        if not all(rows.good[parts]):
            refuse(rows, parts, "order_id", "another row of this order and SKU is bad; correct that one")
        elif len({said.kind[row] for row in parts}) > 1:
            refuse(rows, parts, "order_type", "the order's other rows for this SKU say otherwise; give one")
        else:
            told.append(_merged(rows, said, parts))
    return told


def refuse(rows: Rows, parts: Iterable[int], column: str, advice: str) -> None:
    """Refuse all rows of an order and SKU."""
    for row in parts:
        rows.refuse_row(row, column, advice)


def _merged(rows: Rows, said: Said, parts: list[int]) -> Told:
    """Units of different lots are added; of two rows about the same lot the last one counts."""
    last = {said.lot[row]: row for row in parts}.values()
    quantity, done, cancelled = (
        sum(column[row] for row in last) for column in (said.quantity, said.done, said.cancelled)
    )
    busy = any(said.busy[row] for row in last)
    state = _state({said.state[row] for row in last}, begun=bool(done) or busy)
    if state == _COMPLETED and done + cancelled < quantity:
        rows.note(np.isin(np.arange(len(rows)), parts[-1:]), CUT_SHORT)
    return Told(
        rows=parts,
        order_id=said.order_id[parts[0]],
        sku=said.sku[parts[0]],
        kind=said.kind[parts[0]],
        quantity=quantity,
        progress=_progress(state, quantity, done, cancelled),
        asked_at=min(said.asked_at[row] for row in parts),
        at=max(said.at[row] for row in parts),
    )


def _state(states: set[str], *, begun: bool) -> str:
    """The state of several rows: it ends with the last of them."""
    if states <= _ENDED:
        return _COMPLETED if _COMPLETED in states else _CANCELLED
    return _PROCESSING if begun or states != {_REQUESTED} else _REQUESTED


def _progress(state: str, quantity: int, done: int, cancelled: int) -> Progress:
    """As orders are kept: an ended one has nothing open, and a cancelled one did nothing."""
    if state in _ENDED:
        return Progress(_COMPLETED if done else _CANCELLED, done, quantity - done)
    return Progress(state, done, cancelled)
