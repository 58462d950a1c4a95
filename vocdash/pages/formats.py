"""Dates, rates and counts as people write them, by language. Pure: no Django, no clock.

Rates have one decimal, counts their thousands separators, dates the year: 18 Nov 2026. A language without
an entry here is written like English.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final

NARROW_SPACE: Final = "\u202f"
NO_BREAK_SPACE: Final = "\u00a0"
MINUS: Final = "\u2212"
WITHOUT_CENTS: Final = frozenset({"CLP", "ISK", "JPY", "KRW", "VND"})


@dataclass(frozen=True, slots=True)
class Locale:
    """How one language writes numbers and dates."""

    decimal: str
    group: str
    percent_sign: str
    months: tuple[str, ...]
    first_of_month: str = "1"

    def decimals(self, value: float, digits: int = 1) -> str:
        """Write a number with so many decimals: 4.2."""
        return self._localized(f"{value:,.{digits}f}")

    def percent(self, share: float, digits: int = 1) -> str:
        """Write a share of one as a percentage: 0.124 as 12.4%."""
        return self._localized(f"{share * 100:,.{digits}f}") + self.percent_sign

    def count(self, number: int) -> str:
        """Write a whole number with thousands separators: 1,120."""
        return f"{number:,}".replace(",", self.group)

    def money(self, amount: Decimal, currency: str) -> str:
        """Write an amount with its currency's code, since several dollars stand on one page: 24.99 CAD."""
        digits = 0 if currency in WITHOUT_CENTS else 2
        return f"{self._localized(f'{amount:,.{digits}f}')}{NO_BREAK_SPACE}{currency}".rstrip()

    def times(self, ratio: float) -> str:
        """Write a ratio: 3.0x with a multiplication sign."""
        return self._localized(f"{ratio:,.1f}") + "×"

    def day(self, day: date) -> str:
        """Write a date with its year: 18 Nov 2026."""
        return f"{self.day_short(day)}{NO_BREAK_SPACE}{day.year}"

    def day_short(self, day: date) -> str:
        """Write a date without its year, for places where the year is plain: 18 Nov."""
        number = self.first_of_month if day.day == 1 else day.day
        return f"{number}{NO_BREAK_SPACE}{self.months[day.month - 1]}"

    def time(self, moment: datetime) -> str:
        """Write the time of a moment, in the zone that it carries: 03:12."""
        return f"{moment:%H:%M}"

    def moment(self, moment: datetime) -> str:
        """Write a moment, in the zone that it carries: 18 Nov 2026, 03:12."""
        return f"{self.day(moment)}, {moment:%H:%M}"

    def _localized(self, text: str) -> str:
        if self.decimal == ".":
            return text
        swapped = text.replace(",", "\0").replace(".", self.decimal).replace("\0", self.group)
        return swapped.replace("-", MINUS)


ENGLISH: Final = Locale(
    decimal=".",
    group=",",
    percent_sign="%",
    months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
FRENCH: Final = Locale(
    decimal=",",
    group=NARROW_SPACE,
    percent_sign=f"{NO_BREAK_SPACE}%",
    months=(
        *("janv.", "févr.", "mars", "avr.", "mai", "juin"),
        *("juill.", "août", "sept.", "oct.", "nov.", "déc."),
    ),
    first_of_month="1er",
)
LOCALES: Final = {"en": ENGLISH, "fr": FRENCH}


@lru_cache(maxsize=64)
def locale(language: str | None) -> Locale:
    """Return how `language` (en, fr-ca, pt_BR, …) writes; English where there is no entry or no language."""
    return LOCALES.get((language or "en").replace("_", "-").split("-")[0].lower(), ENGLISH)
