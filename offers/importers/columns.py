"""Columns of text, each distinct text kept once: what is found out about a text holds for all its rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Mask: TypeAlias = NDArray[np.bool_]
Objects: TypeAlias = NDArray[np.object_]
Hashes: TypeAlias = NDArray[np.uint64]

_MIX: Final = np.uint64(0x9E37_79B9_7F4A_7C15)


@dataclass(frozen=True)
class Column:
    """The texts of some rows: the distinct ones, and for each row the place of its own among them."""

    codes: NDArray[np.int64]
    distinct: list[str]

    @classmethod
    def of(cls, texts: Any) -> Self:
        """The column of these texts."""
        codes, distinct = pd.factorize(np.asarray(texts, dtype=object))
        return cls(codes, distinct.tolist())

    @classmethod
    def blank(cls, rows: int) -> Self:
        """A column of nothing."""
        return cls(np.zeros(rows, dtype=np.int64), [""])

    def __len__(self) -> int:
        return len(self.codes)

    def changed(self, change: Callable[[str], str]) -> "Column":
        """The column with every text changed."""
        made = [change(text) for text in self.distinct]
        if made == self.distinct:
            return self
        codes, distinct = pd.factorize(objects(made))
        return Column(codes[self.codes], distinct.tolist())

    def rows(self, chosen: NDArray[Any]) -> "Column":
        """Some of the rows, by a mask or by places."""
        return Column.of(self.texts[chosen])

    @property
    def texts(self) -> Objects:
        """The text of each row."""
        return self.each(lambda text: text)

    def each(self, function: Callable[[str], Any]) -> Objects:
        """What a function makes of each row's text."""
        return objects([function(text) for text in self.distinct])[self.codes]

    def numbers(self, function: Callable[[str], int]) -> NDArray[np.int64]:
        """The whole number that a function makes of each row's text."""
        made = np.array([function(text) for text in self.distinct], dtype=np.int64)
        return made[self.codes]

    def where(self, test: Callable[[str], bool]) -> Mask:
        """The rows whose text passes a test."""
        passed: Mask = np.array([bool(test(text)) for text in self.distinct], dtype=np.bool_)[self.codes]
        return passed

    @property
    def blanks(self) -> Mask:
        """The rows whose text is empty."""
        blank: Mask = np.zeros(len(self), dtype=np.bool_)
        return np.equal(self.codes, self.distinct.index(""), out=blank) if "" in self.distinct else blank

    @property
    def hashes(self) -> Hashes:
        """64 bits for each row, the same for the same text."""
        hashed: Any = pd.util.hash_array(objects(self.distinct), categorize=False)
        return np.asarray(hashed, dtype=np.uint64)[self.codes]


Columns: TypeAlias = Mapping[str, Column]


def hash_rows(columns: Sequence[Column]) -> Hashes:
    """64 bits for each row, the same where all columns are; others hardly ever share them."""
    mixed = columns[0].hashes
    for column in columns[1:]:
        mixed = (mixed ^ (mixed >> np.uint64(29))) * _MIX + column.hashes
    return mixed


def objects(values: Sequence[Any]) -> Objects:
    """The values as an array of objects, whatever they are."""
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


def group(codes: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """The number of each row's group, by several codes that are not negative; in the order of first rows."""
    together = codes[0]
    for more in codes[1:]:
        together = pd.factorize(together * (int(more.max(initial=0)) + 1) + more)[0]
    return pd.factorize(together)[0]
