"""What is planned for one offer of the demo: its listing, how it sells, what goes wrong and when."""

from dataclasses import dataclass, field
from decimal import Decimal

from feedback.reasons import Reason
from vocdash.demo.products import Product
from vocdash.demo.shops import Market, Shop

# Days are counted from the last computed night, which is day 0; the days before it are negative.
Day = int
FIRST_SALES: Day = -119
"""The window of the first of sixty nights begins here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """How an offer sells and what its customers say.

    orders: per day. rates: the share of unhappy orders from a day on, in the order of days. better: that
    share after each relist, the last one for all later ones; none: as before. steady: complaints come evenly,
    not by chance. prompt: they come within a few days. regulars: so few customers buy most of it.
    """

    orders: float
    rates: tuple[tuple[Day, float], ...]
    better: tuple[float, ...] = ()
    reasons: dict[Reason, int]
    delivery: float = 0.017
    steady: bool = False
    prompt: bool = False
    regulars: int | None = None
    first_sale: Day = FIRST_SALES
    last_sale: Day = 0

    def rate(self, day: Day, relists: int) -> float:
        """The share of unhappy orders on a day, after so many relists."""
        if relists and self.better:
            return self.better[min(relists, len(self.better)) - 1]
        return next((rate for since, rate in reversed(self.rates) if since <= day), self.rates[0][1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What its shop does with an offer.

    relist_after: days from each closure to its relist; after the last one it stays closed. edits: what the
    listing says from the first relist on. deleted: the day of its deletion.
    """

    title: str = ""
    relist_after: tuple[int, ...] = ()
    edits: dict[str, str] = field(default_factory=dict)
    deleted: Day | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One offer of a shop on a marketplace.

    life: 2 for a SKU that is listed again after its deletion. misfiled_to: seller code and SKU of another
    shop's offer of the same product, to which some of this one's feedback comes (manufacturer barcode).
    """

    shop: Shop
    market: Market
    sku: str
    product_id: str
    product: Product
    price: Decimal
    marketplace_fulfilled: bool
    manufacturer_barcode: bool = False
    condition: str = "new"
    quantity: int | None = None
    listed: Day = -400
    french_listing: bool = False
    french: float = 0.0
    trade: Trade
    story: Story = Story()
    life: int = 1
    misfiled_to: tuple[str, str] | None = None

    @property
    def language(self) -> str:
        """The language of the listing."""
        return "fr" if self.french_listing else "en"

    @property
    def title(self) -> str:
        """The listing's title."""
        return self.story.title or self.product.title(self.language)
