"""Dates and moments of import files, whole columns at once.

A date is that date, whatever the zone. A date-time without offset is the marketplace's time, one with
an offset is converted to it. A time that a clock change skips is taken as the first moment after it,
one that comes twice as the first of the two.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from offers.importers.checking import Rows
from offers.importers.columns import Mask, Objects

EARLIEST: Final = date(1995, 1, 1)
_DATE: Final = r"\d{4}-\d{2}-\d{2}"
_LOCAL: Final = _DATE + r"[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?"
_WITH_OFFSET: Final = _LOCAL + r" ?(?:Z|[+-]\d{2}(?::?\d{2})?)"
_NO_DAY: Final = np.datetime64("NaT", "D")
_NO_MOMENT: Final = np.datetime64("NaT", "us")


@dataclass(frozen=True)
class Moments:
    """Per row the date in the marketplace's zone, and the moment in UTC where the file gave one."""

    on: NDArray[np.datetime64]
    at: NDArray[np.datetime64]

    @property
    def dates(self) -> Objects:
        """The dates as `date`, None where there is none."""
        return self.on.astype(object)

    @property
    def moments(self) -> Objects:
        """The moments as aware `datetime`, None where there is none."""
        made = np.array(pd.DatetimeIndex(self.at).tz_localize("UTC").to_pydatetime(), dtype=object)
        made[np.isnat(self.at)] = None
        return made


def read_moments(rows: Rows, column: str, zone: ZoneInfo, today: date) -> Moments:
    """A column of dates or date-times. Rows with anything else, or outside 1995 .. tomorrow, are refused."""
    texts = rows.column(column)
    found = parse(pd.Series(texts.distinct, dtype=str), zone)
    moments = Moments(found.on[texts.codes], found.at[texts.codes])
    given = ~texts.blanks
    rows.refuse(
        given & np.isnat(moments.on),
        column,
        "give a date such as 2024-03-31, or a date and time such as 2024-03-31T18:05:00 (with an offset such "
        "as Z or -03:00 if it isn't the marketplace's own time)",
    )
    rows.refuse(given & _outside(moments.on, today), column, f"give a date from {EARLIEST} to tomorrow")
    return moments


def _outside(on: NDArray[np.datetime64], today: date) -> Mask:
    return (on < np.datetime64(EARLIEST)) | (on > np.datetime64(today + timedelta(days=1)))


def parse(texts: "pd.Series[str]", zone: ZoneInfo) -> Moments:
    """Dates and moments of these texts; NaT where a text is neither."""
    on = np.full(len(texts), _NO_DAY)
    at = np.full(len(texts), _NO_MOMENT)
    texts = texts.str.upper()
    plain = texts.str.fullmatch(_DATE).to_numpy(dtype=bool)
    on[plain] = _days(pd.to_datetime(texts[plain], format="%Y-%m-%d", errors="coerce"))
    local = texts.str.fullmatch(_LOCAL).to_numpy(dtype=bool)
    if local.any():
        clock = pd.DatetimeIndex(pd.to_datetime(texts[local], format="ISO8601", errors="coerce"))
        first = np.ones(len(clock), dtype=bool)
        on[local] = _days(clock)
        at[local] = _in_utc(clock.tz_localize(zone, ambiguous=first, nonexistent="shift_forward"))
    offset = texts.str.fullmatch(_WITH_OFFSET).to_numpy(dtype=bool)
    if offset.any():
        marked = texts[offset].str.replace(" +", "+").str.replace(" -", "-").str.replace(" Z", "Z")
        known = pd.DatetimeIndex(pd.to_datetime(marked, format="ISO8601", errors="coerce", utc=True))
        on[offset] = _days(known.tz_convert(zone).tz_localize(None))
        at[offset] = _in_utc(known)
    return Moments(on, at)


def _days(moments: "pd.DatetimeIndex | pd.Series[pd.Timestamp]") -> NDArray[np.datetime64]:
    return moments.to_numpy().astype("datetime64[D]")


def _in_utc(moments: pd.DatetimeIndex) -> NDArray[np.datetime64]:
    return moments.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")
