"""Checks of rows, a chunk at a time: each says which column is wrong and what to do about it.

Every check works on whole columns and returns what it made of them; in rows that it refused the value
means nothing. A row is reported once, with the first thing that is wrong with it.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from offers.importers.reading import Chunk
from offers.importers.reports import Problem, Report, shown

MOST: Final = 2_147_483_647  # what the databases' integers hold
_WHOLE: Final = r"[+-]?[0-9]{1,12}(?:\.0{1,6})?"
_DECIMAL: Final = r"[+-]?[0-9]{1,12}(?:\.[0-9]{1,20})?"
_FLAGS: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}

Mask = NDArray[np.bool_]
Objects = NDArray[np.object_]
Advice = str | Callable[[str], str]


class Rows:
    """A chunk under check."""

    def __init__(self, chunk: Chunk, report: Report) -> None:
        self.lines = chunk.lines
        self.good: Mask = np.ones(len(chunk), dtype=np.bool_)
        self._frame = chunk.frame
        self._report = report
        self._texts: dict[str, Objects] = {}

    def __len__(self) -> int:
        return len(self.lines)

    def has(self, column: str) -> bool:
        """Whether the file has this column."""
        return column in self._frame.columns

    def series(self, column: str) -> "pd.Series[str]":
        """A column as text; empty where the file has no such column."""
        if self.has(column):
            return self._frame[column]
        return pd.Series([""] * len(self), dtype=str)

    def texts(self, column: str) -> Objects:
        """A column as an array of str."""
        if column not in self._texts:
            self._texts[column] = self.series(column).to_numpy(dtype=object)
        return self._texts[column]

    def columns_from(self, prefix: str) -> list[str]:
        """The file's columns whose names begin so, in the order of the file."""
        return [str(name) for name in self._frame.columns if str(name).startswith(prefix)]

    def refuse(self, wrong: "Mask | pd.Series[bool]", column: str, advice: Advice) -> None:
        """Refuse the rows that are `wrong` in this column; `advice` says what to do, maybe by the value."""
        hits = np.flatnonzero(np.asarray(wrong, dtype=bool) & self.good)
        if not len(hits):
            return
        values = self.texts(column)
        for row in hits.tolist():
            value = values[row]
            what = f"{column} is {shown(value)}" if value else f"{column} is empty"
            say = advice if isinstance(advice, str) else advice(value)
            self._report.refuse(Problem(int(self.lines[row]), column, value[:200], f"{what}: {say}."))
        self.good[hits] = False

    def refuse_row(self, row: int, column: str, advice: str) -> None:
        """Refuse one row."""
        wrong = np.zeros(len(self), dtype=np.bool_)
        wrong[row] = True
        self.refuse(wrong, column, advice)

    def note(self, rows: "Mask | pd.Series[bool]", what: str) -> None:
        """Note something about the good ones of these rows."""
        hits = np.flatnonzero(np.asarray(rows, dtype=bool) & self.good)
        for row in hits[:5].tolist():
            self._report.note(what, f"line {self.lines[row]}")
        if len(hits) > 5:
            self._report.note(what, count=len(hits) - 5)

    def required(self, columns: Mapping[str, str]) -> None:
        """Refuse rows where one of these is empty; the mapping says what to give."""
        for column, advice in columns.items():
            self.refuse(self.texts(column) == "", column, advice)

    def at_most(self, limits: Mapping[str, int]) -> None:
        """Refuse texts that are longer than can be kept."""
        for column, limit in limits.items():
            too_long = self.series(column).str.len().to_numpy() > limit
            self.refuse(too_long, column, f"shorten it to {limit:,} characters")

    def only_marketplace(self, code: str) -> None:
        """Refuse rows of other marketplaces."""
        self.refuse(
            self.texts("marketplace") != code,
            "marketplace",
            f"this import is for {code}; import other marketplaces' rows on their own",
        )

    def choices(self, column: str, known: Mapping[str, str], advice: str) -> Objects:
        """The meaning of each value by its lower-cased spelling."""
        found = self.series(column).str.lower().map(known)
        self.refuse(found.isna(), column, advice)
        return found.to_numpy(dtype=object)

    def flags(self, column: str) -> Objects:
        """Yes or no; empty is no."""
        found = self.series(column).str.lower().map(_FLAGS)
        self.refuse(found.isna(), column, "give true or false")
        return np.asarray(found.to_numpy(dtype=object))

    def wholes(
        self, column: str, least: int, most: int = MOST, *, empty: int | None = None, only: Mask | None = None
    ) -> Objects:
        """Whole numbers as int; `empty` where there is none. Outside `only` nothing is read."""
        texts = self.series(column) if only is None else self.series(column).where(only, "")
        wrong = ~texts.str.fullmatch(_WHOLE) & (texts != "")
        numbers = pd.to_numeric(texts.mask(wrong, ""), errors="coerce").to_numpy(dtype=np.float64)
        wrong |= (numbers < least) | (numbers > most)
        advice = f"give a whole number from {least}" + (f" to {most}" if most < MOST else "")
        self.refuse(wrong, column, advice)
        return _objects(empty if number != number else int(number) for number in numbers.tolist())  # noqa: PLR0124

    def decimals(self, column: str, below: Decimal) -> Objects:
        """Amounts from 0 as Decimal with at most four places, trailing zeros dropped; None where empty."""
        texts = self.series(column)
        wrong = ~texts.str.fullmatch(_DECIMAL) & (texts != "")
        self.refuse(wrong, column, "give a plain number such as 1234.50, without currency or thousands marks")
        numbers = _objects(_amount(text) for text in texts.mask(wrong, "").tolist())
        outside = np.array([number is not None and not 0 <= number < below for number in numbers], dtype=bool)
        self.refuse(outside, column, f"give an amount from 0 to below {below:,}")
        return numbers


def _amount(text: str) -> Decimal | None:
    if not text:
        return None
    rounded = round(Decimal(text), 4)
    return rounded.normalize() if rounded else Decimal(0)


def _objects(values: Iterable[Any]) -> Objects:
    listed = list(values)
    made = np.empty(len(listed), dtype=object)
    made[:] = listed
    return made
