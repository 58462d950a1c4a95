"""Whole columns of rows, as `offers.bulk` writes arrays, and columns that are one value for all rows."""

from datetime import UTC, datetime
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Column: TypeAlias = NDArray[Any] | int | bytes | datetime  # a truth is an int


def numbered(prefix: bytes, numbers: NDArray[np.int64], digits: int) -> NDArray[np.bytes_]:
    """Texts such as b"V00000042", for numbers that are not negative and have at most so many digits."""
    text = np.empty((len(numbers), len(prefix) + digits), dtype=np.uint8)
    text[:, : len(prefix)] = np.frombuffer(prefix, dtype=np.uint8)
    left = numbers.copy()
    for place in range(text.shape[1] - 1, len(prefix) - 1, -1):
        left, text[:, place] = np.divmod(left, 10)
    text[:, len(prefix) :] += ord("0")
    return text.view(f"S{text.shape[1]}").ravel()


def texts(words: list[str]) -> NDArray[np.bytes_]:
    """Texts as a column takes them."""
    return np.array([word.encode() for word in words], dtype=np.bytes_)


def whole(column: Column, rows: int) -> NDArray[Any]:
    """A column with a value for each row; nothing is copied."""
    if isinstance(column, np.ndarray):
        return column
    if isinstance(column, datetime):
        return np.broadcast_to(np.datetime64(column.astimezone(UTC).replace(tzinfo=None), "us"), rows)
    return np.broadcast_to(np.array(column), rows)
