"""Storing a removal report: orders of ours move on, orders asked for elsewhere are kept."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from django.db.models import Exists, OuterRef

from offers import bulk
from offers.importers.checking import Rows
from offers.importers.columns import Column, Columns
from offers.importers.known import Context, Known, Pair
from offers.importers.lives import Life, life_of_order
from offers.importers.order_lines import MERGED
from offers.importers.reading import Chunk
from offers.importers.removals import KIND, Told, check, refuse, together
from offers.importers.reports import Report
from offers.models import Offer, RemovalChange, RemovalOrder, RemovalState
from offers.removal_actions import Progress, RemovalRefused, move_removal, next_progress, record_removal
from offers.removals import OPEN_STATES

OLDER: Final = "rows older than what is known of their order, left out"
_PIECE: Final = 500  # values in one IN (...): SQLite has a limit
_IMPORT: Final = RemovalChange.Source.IMPORT.value
_REFERENCE: Final = 40


class Ours(NamedTuple):
    """An order that is there already."""

    order: RemovalOrder
    pair: Pair
    marketplace_id: int
    asked_here: bool


class RemovalImporter:
    """Removal orders: those that are known move on, those that were asked for elsewhere are added."""

    kind = KIND

    def __init__(self, context: Context, known: Known, report: Report) -> None:
        self._context = context
        self._known = known
        self._report = report
        self.ended: list[int] = []
        """The ids of known orders that this report completed or cancelled."""

    def keys(self, columns: Columns) -> Sequence[Column]:
        """Order and SKU, and the seller where the file says it."""
        return [columns[name] for name in KIND.key if name in columns]

    def take(self, chunk: Chunk) -> None:
        """Check and store rows."""
        rows = Rows(chunk, self._report)
        said = check(rows, self._context)
        told = together(rows, said)
        ours = _orders(one.order_id for one in told)
        sellers = _Sellers(self._context, self._known, rows).of(told, ours)
        pairs = {index: (seller_id, told[index].sku) for index, seller_id in sellers.items()}
        ours |= _orders(_second_reference(told[index].order_id, pair) for index, pair in pairs.items())
        lives = self._known.lives(pairs.values())
        _hold({life.offer_id for found in lives.values() for life in found})
        for index in sorted(pairs):
            self._store(rows, told[index], pairs[index], ours, lives)

    def finish(self) -> None:
        """Nothing was left for later."""

    def _store(
        self, rows: Rows, told: Told, pair: Pair, ours: dict[str, Ours], lives: dict[Pair, list[Life]]
    ) -> None:
        if pair not in lives:
            nearest = self._known.nearest_sku(*pair)
            known = f"the nearest known SKU of this seller is {nearest!r}" if nearest else "import its offer"
            refuse(rows, told.rows, "sku", f"the seller has no such SKU; {known}")
            return
        found = [
            one
            for reference in (told.order_id, _second_reference(told.order_id, pair))
            if (one := ours.get(reference)) and self._is(one, pair)
        ]
        if found:
            outcome = self._follow(rows, told, found[0].order)
        elif (other := ours.get(told.order_id)) and other.asked_here:
            advice = f"the order was asked for here, and is about SKU {other.pair[1]!r}; correct the row"
            refuse(rows, told.rows, "order_id", advice)
            return
        else:
            outcome = self._record(told, pair, lives[pair], taken=told.order_id in ours)
            ours |= _orders([told.order_id])
        if outcome:
            self._report.tally(outcome, len(told.rows))
            for row in told.rows[:-1]:
                self._report.note(MERGED, f"line {rows.lines[row]}")

    def _is(self, one: Ours, pair: Pair) -> bool:
        return one.pair == pair and one.marketplace_id == self._context.marketplace.pk

    def _record(self, told: Told, pair: Pair, lives: Sequence[Life], *, taken: bool) -> str:
        """Keep an order that was asked for elsewhere, as far as it is by now."""
        day = told.asked_at.astimezone(self._context.zone).date()
        order = record_removal(
            offer_id=life_of_order(lives, day).offer_id,
            reference=_second_reference(told.order_id, pair) if taken else told.order_id,
            kind=told.kind,
            quantity=told.quantity,
            at=told.asked_at,
            by=self._context.by,
        )
        self._move(order, told)
        return "added"

    def _follow(self, rows: Rows, told: Told, order: RemovalOrder) -> str:
        """Move a known order on; "" when its rows were refused."""
        if told.kind != order.kind:
            advice = f"the order is a {order.get_kind_display()}; correct the type or the order_id"
            refuse(rows, told.rows, "order_type", advice)
            return ""
        if told.quantity != order.quantity:
            advice = f"the order is of {order.quantity} units; correct the quantity or the order_id"
            refuse(rows, told.rows, "requested_quantity", advice)
            return ""
        now, then = Progress(order.state, order.done, order.cancelled), told.progress
        try:
            if next_progress(now, order.quantity, then.state, then.done, then.cancelled) == now:
                return "unchanged"
            self._move(order, told)
        except RemovalRefused:
            order.refresh_from_db()  # its seller may have cancelled it since it was read
            return self._contradicted(rows, told, order)
        self.ended += [order.pk] if then.state not in OPEN_STATES else []
        return "changed"

    def _contradicted(self, rows: Rows, told: Told, order: RemovalOrder) -> str:
        """The row takes something back: it is an older one, or wrong."""
        ended_here = order.state not in OPEN_STATES and told.progress.state in OPEN_STATES
        if ended_here or told.at <= order.changed_at:
            for row in told.rows:
                self._report.note(OLDER, f"line {rows.lines[row]}")
            return "unchanged"
        state = order.get_state_display().lower()
        advice = (
            f"the order is {state} already, with {order.done} units done and {order.cancelled} cancelled; "
            "orders never go back: correct the row"
        )
        refuse(rows, told.rows, "order_status", advice)
        return ""

    def _move(self, order: RemovalOrder, told: Told) -> None:
        if told.progress != Progress(RemovalState.REQUESTED.value, 0, 0):
            move_removal(
                removal_id=order.pk,
                to=told.progress.state,
                done=told.progress.done,
                cancelled=told.progress.cancelled,
                source=_IMPORT,
                by=self._context.by,
                at=told.at,
            )


class _Sellers:
    """Whose each order is: the row says so, the order is known, or one seller alone has the SKU."""

    def __init__(self, context: Context, known: Known, rows: Rows) -> None:
        self._context = context
        self._known = known
        self._rows = rows

    def of(self, told: Sequence[Told], ours: dict[str, Ours]) -> dict[int, int]:
        """The ids of sellers, by the index of what is told. Refuses rows whose seller isn't known."""
        codes = self._rows.texts("seller")
        named = self._known.sellers({code for one in told if (code := codes[one.rows[0]])})
        having = self._having([one.sku for one in told if not codes[one.rows[0]]])
        found: dict[int, int] = {}
        for index, one in enumerate(told):
            if code := codes[one.rows[0]]:
                self._take(found, index, one, {named[code]} if code in named else set(), "seller")
            elif (known := ours.get(one.order_id)) and known.pair[1] == one.sku:
                found[index] = known.pair[0]
            else:
                self._take(found, index, one, having.get(one.sku, set()), "sku")
        return found

    def _take(self, found: dict[int, int], index: int, one: Told, sellers: set[int], column: str) -> None:
        if len(sellers) == 1:
            (found[index],) = sellers
            return
        advice = {
            "seller": "there is no such seller; correct the code",
            "sku": "several sellers have it; add a column seller with the seller's code"
            if sellers
            else "no seller has such a SKU here; correct it, or import its offer first",
        }[column]
        refuse(self._rows, one.rows, column, advice)

    def _having(self, skus: Iterable[str]) -> dict[str, set[int]]:
        """The sellers that have or had each of these SKUs on the marketplace."""
        wanted = list(dict.fromkeys(skus))
        found: dict[str, set[int]] = {}
        if not wanted:
            return found
        with bulk.staged(bulk.fields_of(Offer, ["sku"]), [(sku,) for sku in wanted]) as stage:
            pairs = bulk.fetch(
                f"SELECT DISTINCT o.sku, o.seller_id FROM {stage} s JOIN offers_offer o ON o.sku = s.sku "  # noqa: S608
                "WHERE o.marketplace_id = %s",
                [self._context.marketplace.pk],
            )
        for sku, seller_id in pairs:
            found.setdefault(sku, set()).add(seller_id)
        return found


def _orders(references: Iterable[str]) -> dict[str, Ours]:
    """The orders of these references."""
    wanted = sorted(set(references))
    here = RemovalChange.objects.filter(
        order=OuterRef("pk"), state=RemovalState.REQUESTED, source=RemovalChange.Source.SELLER
    )
    found: dict[str, Ours] = {}
    for start in range(0, len(wanted), _PIECE):
        orders = RemovalOrder.objects.filter(reference__in=wanted[start : start + _PIECE])
        for order in orders.select_related("offer").annotate(asked_here=Exists(here)):
            pair = (order.seller_id, order.offer.sku)
            found[order.reference] = Ours(order, pair, order.offer.marketplace_id, order.asked_here)
    return found


def _hold(offer_ids: Iterable[int]) -> None:
    """Hold all offers that may move, lowest id first as the nightly job does.

    In the order of the file each of the two could come to wait for the other.
    """
    wanted = sorted(offer_ids)
    offers = Offer.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    for start in range(0, len(wanted), _PIECE):
        len(offers.filter(pk__in=wanted[start : start + _PIECE]).values_list("pk"))


def _second_reference(order_id: str, pair: Pair) -> str:
    """What an order is kept under whose number is another's already: it has several SKUs, or sellers."""
    told = hashlib.blake2b("\x1f".join([order_id, *map(str, pair)]).encode(), digest_size=4).hexdigest()
    return f"{order_id[: _REFERENCE - len(told) - 1]}-{told}"
