"""The demo's marketplaces and shops. All of them are invented."""

from dataclasses import dataclass
from functools import cache
from typing import Final

from vocdash.demo.texts import read_catalogue

_PREFIX: Final = "demo-"


@dataclass(frozen=True, slots=True)
class Market:
    """A marketplace of the demo. share: its part of all offers."""

    code: str
    name: str
    currency: str
    time_zone: str
    language: str
    share: float


MARKETS: Final = (
    Market("US", "United States", "USD", "America/New_York", "en", 0.7),
    Market("CA", "Canada", "CAD", "America/Toronto", "fr", 0.3),
)


@dataclass(frozen=True, slots=True)
class Shop:
    """A seller.

    share: its part of a marketplace's offers, relative to the others; volume: how much it sells, relative to
    the others; french: the share of French among its comments on CA.
    """

    short: str
    name: str
    brands: tuple[str, ...]
    kinds: tuple[str, ...]
    share: dict[str, float]
    volume: float
    french: float
    gives_customers: bool

    @property
    def code(self) -> str:
        """The seller code: no real seller has such a one."""
        return f"{_PREFIX}{self.short.lower()}"

    @property
    def domain(self) -> str:
        """Where its people have their e-mail addresses: a domain that can't exist."""
        words = [word for word in self.name.casefold().split() if word.isascii() and word.isalpha()]
        return f"{'-'.join(words)}.example"


@cache
def shops() -> dict[str, Shop]:
    """All shops, by their short names."""
    return {
        short: Shop(
            short=short,
            name=entry["name"],
            brands=tuple(entry["brands"]),
            kinds=tuple(entry["kinds"]),
            share=entry["share"],
            volume=entry.get("volume", 1.0),
            french=entry.get("french", 0.25),
            gives_customers=not entry.get("no_customers", False),
        )
        for short, entry in read_catalogue("sellers").items()
    }
