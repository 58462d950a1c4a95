"""Checks of rows, a chunk at a time: each says which column is wrong and what to do about it.

Every check works on whole columns and returns what it made of them; in rows that it refused the value
means nothing. A row is reported once, with the first thing that is wrong with it.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

import numpy as np

from offers.importers.columns import Column, Mask, Objects, objects
from offers.importers.reading import Chunk
from offers.importers.reports import Problem, Report, shown

MOST: Final = 2_147_483_647  # what the databases' integers hold
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,12}(?:\.0{1,6})?")
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,12}(?:\.[0-9]{1,20})?")
_FLAGS: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}

Advice = str | Callable[[str], str]


class Rows:
    """A chunk under check."""

    def __init__(self, chunk: Chunk, report: Report) -> None:
        self.lines = chunk.lines
        self.good: Mask = np.ones(len(chunk), dtype=np.bool_)
        self._columns = chunk.columns
        self._blank = Column.blank(len(chunk))
        self._report = report
        self._texts: dict[str, Objects] = {}

    def __len__(self) -> int:
        return len(self.lines)

    def has(self, column: str) -> bool:
        """Whether the file has this column."""
        return column in self._columns

    def only(self, column: str) -> "Rows":
        """The same rows with one column, to be kept in little memory."""
        return Rows(Chunk({column: self.column(column)}, self.lines), self._report)

    def column(self, column: str) -> Column:
        """A column of text; empty where the file has no such column."""
        return self._columns.get(column, self._blank)

    def texts(self, column: str) -> Objects:
        """A column as an array of str."""
        if column not in self._texts:
            self._texts[column] = self.column(column).texts
        return self._texts[column]

    def columns_from(self, prefix: str) -> list[str]:
        """The file's columns whose names begin so, in the order of the file."""
        return [name for name in self._columns if name.startswith(prefix)]

    def refuse(self, wrong: Mask, column: str, advice: Advice) -> None:
        """Refuse the rows that are `wrong` in this column; `advice` says what to do, maybe by the value."""
        for row in np.flatnonzero(wrong & self.good).tolist():
            self.refuse_row(row, column, advice)

    def refuse_row(self, row: int, column: str, advice: Advice) -> None:
        """Refuse one row, unless it was refused already."""
        if not self.good[row]:
            return
        value = self.texts(column)[row]
        what = f"{column} is {shown(value)}" if value else f"{column} is empty"
        say = advice if isinstance(advice, str) else advice(value)
        self._report.refuse(Problem(int(self.lines[row]), column, value[:200], f"{what}: {say}."))
        self.good[row] = False

    def note(self, rows: Mask, what: str) -> None:
        """Note something about the good ones of these rows."""
        self._report.note_lines(what, self.lines[rows & self.good].tolist())

    def required(self, columns: Mapping[str, str]) -> None:
        """Refuse rows where one of these is empty; the mapping says what to give."""
        for column, advice in columns.items():
            self.refuse(self.column(column).blanks, column, advice)

    def at_most(self, limits: Mapping[str, int]) -> None:
        """Refuse texts that are longer than can be kept."""
        for column, limit in limits.items():
            if max(map(len, self.column(column).distinct), default=0) > limit:
                too_long = self.column(column).each(len) > limit
                self.refuse(too_long.astype(np.bool_), column, f"shorten it to {limit:,} characters")

    def only_marketplace(self, code: str) -> None:
        """Refuse rows of other marketplaces."""
        self.refuse(
            self.column("marketplace").where(lambda text: text != code),
            "marketplace",
            f"this import is for {code}; import other marketplaces' rows on their own",
        )

    def choices(self, column: str, known: Mapping[str, str], advice: str) -> Objects:
        """The meaning of each value by its lower-cased spelling."""
        return self._looked_up(column, known, advice)

    def flags(self, column: str) -> Objects:
        """Yes or no; empty is no."""
        return self._looked_up(column, _FLAGS, "give true or false")

    def _looked_up(self, column: str, known: Mapping[str, Any], advice: str) -> Objects:
        self.refuse(self.column(column).where(lambda text: text.lower() not in known), column, advice)
        return self.column(column).each(lambda text: known.get(text.lower()))

    def wholes(
        self, column: str, least: int, most: int = MOST, *, empty: int | None = None, only: Mask | None = None
    ) -> Objects:
        """Whole numbers as int; `empty` where there is none. Outside `only` nothing is read."""

        def is_wrong(text: str) -> bool:
            return text != "" and not (_WHOLE.fullmatch(text) and least <= float(text) <= most)

        wrong, read = self.column(column).where(is_wrong), only if only is not None else np.True_
        advice = f"give a whole number from {least}" + (f" to {most}" if most < MOST else "")
        self.refuse(wrong & read, column, advice)
        numbers = self.column(column).each(
            lambda text: empty if text == "" or is_wrong(text) else _whole(text)
        )
        return numbers if only is None else np.where(only, numbers, objects([empty]))

    def decimals(self, column: str, below: Decimal) -> Objects:
        """Amounts from 0 as Decimal with at most four places, trailing zeros dropped; None where empty."""
        texts = self.column(column)
        self.refuse(
            texts.where(lambda text: text != "" and not _DECIMAL.fullmatch(text)),
            column,
            "give a plain number such as 1234.50, without currency or thousands marks",
        )
        amounts = texts.each(_amount)
        outside = texts.where(lambda text: (amount := _amount(text)) is not None and not 0 <= amount < below)
        self.refuse(outside, column, f"give an amount from 0 to below {below:,}")
        return amounts


def _whole(text: str) -> int:
    return int(float(text))


def _amount(text: str) -> Decimal | None:
    """The amount that a text says; None where it is empty or says none."""
    if not _DECIMAL.fullmatch(text):
        return None
    rounded = round(Decimal(text), 4)
    return rounded.normalize() if rounded else Decimal(0)
