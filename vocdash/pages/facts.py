"""The numbers behind an offer's sentences, finished by the rules and ready to be said. Pure data."""

from dataclasses import dataclass
from datetime import date

from vocdash.pages.states import HealthState


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """The similar offers that an offer was compared with.

    `typical` is m; `group` their label and `offers` the N of METHOD 7. Where a wider group than the closest
    was needed, `narrower` is the label of the closest and `narrower_offers` other sellers' offers with orders
    in it; else `narrower` is empty.
    """

    typical: float
    group: str
    offers: int
    narrower: str = ""
    narrower_offers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """What is likely of the underlying rate.

    `mean` is a/(a+b); `probability` that of a rate above `cutoff`, which is `multiple` times the typical
    rate, or None where the absolute margin or the cap of METHOD 3 set it. `cap` is the highest chance that is
    ever claimed.
    """

    mean: float
    probability: float
    cutoff: float
    multiple: float | None
    cap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimums:
    """What the policy asks for before it says Poor or Very poor."""

    ncx_orders: int
    comments: int
    orders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything the sentences of one offer need. Counts are the plain ones of the window.

    `comments` are those of the NCX orders that have one. `discounted_before` is the day of a relist after
    which the window still holds earlier orders, which count `relist_weight` each.
    """

    state: HealthState
    window_days: int
    orders: int = 0
    ncx_orders: int = 0
    comments: int = 0
    similar: Similar | None = None
    chance: Chance | None = None
    minimums: Minimums | None = None
    discounted_before: date | None = None
    relist_weight: float = 1.0
    last_ordered_on: date | None = None
    deleted_on: date | None = None

    @property
    def rate(self) -> float:
        """The plain NCX rate; 0 without orders."""
        return self.ncx_orders / self.orders if self.orders else 0.0
