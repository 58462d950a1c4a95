"""Order lines, a day at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from offers.models import OrderLine
from vocdash.scale.assortment import Assortment, Ints
from vocdash.scale.columns import numbered, texts
from vocdash.scale.loading import ids_from, load, reserve_ids
from vocdash.scale.sizes import Size

_STATUSES: Final = ("shipped", "pending", "cancelled")
_CANCELLED: Final = 0.03
_PENDING_DAYS: Final = 3  # the newest orders are partly still to be shipped
_PENDING: Final = 0.4
_UNNAMED: Final = 0.02  # lines whose customer nobody told
_ORDERS_OF_A_CUSTOMER: Final = 8
_SPREAD: Final = 0x9E3779B97F4A7C15  # makes numbers look like the hashes that customers are known by


@dataclass(frozen=True, slots=True)
class DayOfLines:
    """The lines of one day: index of each one's offer; ids and numbers follow one another."""

    day: date
    age: int
    first_id: int
    first_number: int
    offer: Ints
    cancelled: NDArray[np.bool_]

    def order_refs(self, line: Ints) -> NDArray[np.bytes_]:
        """What the orders of some of the lines are called: every order has one line."""
        return numbered(b"VO-", self.first_number + line, 11)


def make_lines(assortment: Assortment, size: Size, last_day: date) -> Iterator[DayOfLines]:
    """Load the lines of all days, oldest first, and yield each day's."""
    rng = np.random.default_rng([size.seed, 2])
    upto = np.cumsum(assortment.popularity)
    numbers = size.lines_per_day().tolist()
    first, done = reserve_ids(OrderLine, size.orders), 0
    for index, number in enumerate(numbers):
        age = size.days - 1 - index
        # Sorted numbers are found several times faster than numbers in any order.
        offer = rng.permutation(np.searchsorted(upto, np.sort(rng.random(number)) * upto[-1], side="right"))
        offer = np.minimum(offer, len(upto) - 1)
        status = _statuses(number, age, rng)
        lines = DayOfLines(last_day - timedelta(days=age), age, first + done, done, offer, status == 2)
        _load(lines, assortment, status, _customers(number, size, rng), 1 + (rng.random(number) < 0.1))
        yield lines
        done += number


def _statuses(number: int, age: int, rng: np.random.Generator) -> Ints:
    """Codes of _STATUSES."""
    status = np.where(rng.random(number) < _CANCELLED, 2, 0)
    if age < _PENDING_DAYS:
        status[(status == 0) & (rng.random(number) < _PENDING)] = 1
    return status


def _customers(number: int, size: Size, rng: np.random.Generator) -> Ints:
    """Hashes of customers, most of whom order more than once."""
    who = rng.integers(1, max(2, size.orders // _ORDERS_OF_A_CUSTOMER), number).astype(np.uint64)
    hashed = (who * np.uint64(_SPREAD)).view(np.int64)
    return np.ma.MaskedArray(hashed, rng.random(number) < _UNNAMED)


def _load(lines: DayOfLines, assortment: Assortment, status: Ints, customer: Ints, quantity: Ints) -> None:
    number = len(lines.offer)
    columns = {
        "id": ids_from(lines.first_id, number),
        "offer_id": assortment.first_id + lines.offer,
        "order_ref": lines.order_refs(np.arange(number)),
        "ordered_on": np.full(number, lines.day.toordinal()),
        "quantity": quantity,
        "status": texts(list(_STATUSES))[status],
        "customer": customer,
    }
    load(OrderLine, columns, number)
