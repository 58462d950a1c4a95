"""What a shard's judging leaves for the publishing of the night, besides its rows: little, and as JSON.

Whatever depends on all offers together (how many closures there are tonight) or on what people did meanwhile
(whether an offer is still LIVE) is decided there.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

from django.core.serializers.json import DjangoJSONEncoder

from health.bands import Bools
from health.counting import Counts
from health.policy import Policy


@dataclass(frozen=True, slots=True)
class OrderSums:
    """Whole numbers, so that they are the same in whatever order shards are summed.

    orders: in the window of every offer that takes part; since: those of them since the relist.
    """

    orders: int = 0
    since: int = 0

    @classmethod
    def of(cls, counts: Counts, taking_part: Bools) -> Self:
        """The sums of a shard."""
        orders, since = (int(values[taking_part].sum()) for values in (counts.orders, counts.since_n))
        return cls(orders, since)

    def __add__(self, other: "OrderSums") -> "OrderSums":
        return OrderSums(self.orders + other.orders, self.since + other.since)

    def weighed(self, policy: Policy) -> float:
        """The sum of n over all offers (METHOD 1)."""
        return self.since + policy.relist_weight * (self.orders - self.since)


@dataclass(frozen=True, slots=True)
class Told:
    """An offer of which there is something to tell: its evidence as JSON. held: wait for an operator."""

    offer_id: int
    seller_id: int
    evidence: dict[str, Any]
    held: bool = False


@dataclass(frozen=True, slots=True)
class Findings:
    """What one shard found, or all of them together, by rising offer ids.

    placed: the fields of newcomers' `BenchmarkPlacement`. due: offers to close; recovered, at_risk: offers
    whose sellers are to be told, if they are LIVE in the end.
    """

    sums: OrderSums = OrderSums()
    placed: list[dict[str, Any]] = field(default_factory=list)
    due: list[Told] = field(default_factory=list)
    recovered: list[Told] = field(default_factory=list)
    at_risk: list[Told] = field(default_factory=list)

    def __add__(self, other: "Findings") -> "Findings":
        return Findings(
            self.sums + other.sums,
            self.placed + other.placed,
            self.due + other.due,
            self.recovered + other.recovered,
            self.at_risk + other.at_risk,
        )

    def to_json(self) -> str:
        """As text."""
        told = {
            name: [{field: getattr(one, field) for field in Told.__slots__} for one in getattr(self, name)]
            for name in _TOLD
        }
        return json.dumps({"sums": asdict(self.sums), "placed": self.placed, **told}, cls=DjangoJSONEncoder)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `to_json` wrote."""
        read = json.loads(text)
        told = {name: [Told(**one) for one in read[name]] for name in _TOLD}
        return cls(OrderSums(**read["sums"]), read["placed"], **told)


_TOLD: Final = ("due", "recovered", "at_risk")
