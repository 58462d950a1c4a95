"""Which offers the rows of a chunk name: each pair of seller and SKU is looked up once."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offers.importers.checking import Rows
from offers.importers.columns import group
from offers.importers.known import Known, Pair
from offers.importers.lives import Lives


@dataclass(frozen=True)
class Named:
    """The SKUs that good rows of a chunk name: per row the number of its SKU, -1 where it names none."""

    number: NDArray[np.int64]
    lives: Lives


def look_up(rows: Rows, sellers: dict[str, int], known: Known) -> Named:
    """Find the offers of the good rows. Refuses those whose SKU their seller never had."""
    seller, sku = rows.column("seller"), rows.column("sku")
    naming = np.flatnonzero(rows.good & ~sku.blanks)
    number = np.full(len(rows), -1, dtype=np.int64)
    number[naming] = group([seller.codes[naming], sku.codes[naming]])
    _, first = np.unique(number[naming], return_index=True)
    first = naming[first]
    skus = [sku.distinct[code] for code in sku.codes[first].tolist()]
    lives = known.lives_of(seller.numbers(lambda code: sellers.get(code, 0))[first], skus)
    unknown = naming[lives.number[number[naming]] == 0]
    pairs = {row: (sellers[rows.texts("seller")[row]], rows.texts("sku")[row]) for row in unknown.tolist()}
    refuse_unknown(rows, pairs, known)
    return Named(number, lives)


def refuse_unknown(rows: Rows, pairs: dict[int, Pair], known: Known) -> None:
    """Refuse rows whose SKU the seller never had, and name the one that looks most like it."""
    for row, pair in pairs.items():
        nearest = known.nearest_sku(*pair)
        advice = (
            f"the nearest known SKU of this seller is {nearest!r}" if nearest else "import its offer first"
        )
        rows.refuse_row(row, "sku", f"this seller has no such SKU; {advice}")


def refuse_rows(rows: Rows, some: Iterable[int], column: str, advice: str) -> None:
    """Refuse several rows for one reason."""
    for row in some:
        rows.refuse_row(row, column, advice)
