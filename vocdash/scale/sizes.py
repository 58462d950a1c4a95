"""How large a made-up marketplace is."""

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

RECENT_DAYS: Final = 60
RECENT_SHARE: Final = 0.5
"""Half of the lines fall into the last 60 days: a marketplace that grows."""

_SCALED: Final = ("offers", "orders", "events", "sellers", "largest")
_OFFERS_PER_CATEGORY: Final = 2_083  # 480 categories at a million offers: some 4,800 peer groups


class SizeRefused(ValueError):
    """No marketplace can be made of these numbers; the message says why."""


@dataclass(frozen=True, slots=True)
class Size:
    """Numbers of rows. `orders` are order lines, `largest` the offers of the largest seller.

    Events come out near their number, all others exactly. Raises SizeRefused.
    """

    offers: int = 1_000_000
    orders: int = 50_000_000
    days: int = 180
    events: int = 2_500_000
    sellers: int = 20_000
    largest: int = 100_000
    seed: int = 1

    def __post_init__(self) -> None:
        if min(self.offers, self.days, self.sellers, self.largest) < 1 or min(self.orders, self.events) < 0:
            raise SizeRefused("A marketplace needs at least one offer, one seller and one day.")
        if self.largest + self.sellers - 1 > self.offers:
            raise SizeRefused("There must be an offer for every seller besides those of the largest.")
        if self.largest * self.sellers < self.offers:
            raise SizeRefused("Not even with the largest number for every seller do all offers have one.")
        if self.events > self.orders:
            raise SizeRefused("There can't be more feedback events than orders.")

    def scaled(self, factor: float) -> Self:
        """All numbers of rows times `factor`; the days stay. Raises SizeRefused."""
        if not factor > 0:
            raise SizeRefused("--size must be more than 0.")
        least = {"sellers": 2} if self.sellers > 1 else {}
        return replace(
            self, **{name: max(least.get(name, 1), round(getattr(self, name) * factor)) for name in _SCALED}
        )

    @property
    def categories(self) -> int:
        """So many that groups keep their size when the marketplace grows."""
        return max(4, round(self.offers / _OFFERS_PER_CATEGORY))

    def lines_per_day(self) -> NDArray[np.int64]:
        """Order lines of each day, oldest first; their sum is `orders`."""
        recent = min(RECENT_DAYS, self.days)
        older = self.days - recent
        weight = np.full(self.days, (1 - RECENT_SHARE if older else 0.0) / max(older, 1))
        weight[older:] = (RECENT_SHARE if older else 1.0) / recent
        upto = np.rint(np.cumsum(weight) * self.orders).astype(np.int64)
        per_day: NDArray[np.int64] = np.diff(upto, prepend=0)
        return per_day
