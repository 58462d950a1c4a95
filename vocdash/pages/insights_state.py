"""The state of the insights page as its address says it: period, fulfilment, marketplace, relisted offer."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.http import QueryDict

from offers.models import Fulfillment, Marketplace
from vocdash.pages.access import Standing
from vocdash.pages.shell import address_of

PERIODS: Final = ("30", "60", "90")
"""Days. Without one each offer's own window holds, 30 or 60 days, as in its CX health."""


@dataclass(frozen=True, slots=True)
class InsightsState:
    """What the address asks for; "" for all. Unknown values are left out, so that no address is an error.

    marketplace: a code, only where several are shown. relisted: an offer's id, 0 for the latest.
    """

    period: str = ""
    fulfillment: str = ""
    marketplace: str = ""
    relisted: int = 0

    @property
    def days(self) -> int | None:
        """The period in days; None for each offer's own window."""
        return int(self.period) if self.period else None

    def query(self) -> str:
        """The parameters that say something."""
        known = {
            "period": self.period,
            "ch": self.fulfillment,
            "mp": self.marketplace,
            "relisted": self.relisted,
        }
        return urlencode({name: value for name, value in known.items() if value})

    def ids(self, standing: Standing) -> list[int]:
        """The marketplaces whose offers are shown."""
        if not self.marketplace:
            return standing.shown_ids
        return [m.pk for m in standing.marketplaces if m.code == self.marketplace]

    def dashboard(self, **chosen: str | list[str]) -> str:
        """The address of the grid with the same offers, filtered further."""
        here = {"ch": self.fulfillment, "mp": self.marketplace}
        query = {**chosen, **{name: value for name, value in here.items() if value}}
        return f"{address_of('dashboard')}?{urlencode(query, doseq=True)}"


def several(standing: Standing) -> bool:
    """Whether marketplaces are mixed: only then is there something to filter."""
    return standing.chosen is None and len(standing.marketplaces) > 1


def read_state(query: QueryDict, standing: Standing) -> InsightsState:
    """The state that a query string asks for."""
    places: Iterable[Marketplace] = standing.marketplaces if several(standing) else ()
    relisted = query.get("relisted", "")
    return InsightsState(
        period=_known(query, "period", PERIODS),
        fulfillment=_known(query, "ch", [str(value) for value in Fulfillment.values]),
        marketplace=_known(query, "mp", [marketplace.code for marketplace in places]),
        relisted=int(relisted) if relisted.isascii() and relisted.isdigit() and len(relisted) <= 18 else 0,
    )


def _known(query: QueryDict, name: str, allowed: Iterable[str]) -> str:
    value = query.get(name, "")
    return value if value in set(allowed) else ""
