"""Which marketplace a help page is about: the one asked for, the one chosen, or the first (PRODUCT A1)."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest

from health.models import HealthPolicy
from health.policy import Policy
from offers.models import Marketplace
from vocdash.pages.access import Nights, NoSeller, all_marketplaces, stand

MARKETPLACE_PARAMETER: Final = "marketplace"


@dataclass(frozen=True, slots=True)
class Applies:
    """The marketplace that a page is about and its active policy.

    `marketplace` is None where there is none yet: the numbers are then the method's own. `version` and
    `since` (in the marketplace's zone) are None while no policy is active. `others` are the names of the
    other marketplaces and the query that leads to each.
    """

    marketplace: Marketplace | None
    policy: Policy
    version: int | None
    since: date | None
    others: list[tuple[str, str]]

    @property
    def query(self) -> str:
        """What an address needs to be about the same marketplace."""
        return query_of(self.marketplace.code) if self.marketplace else ""


def query_of(code: str) -> str:
    """The query that makes a help page be about a marketplace."""
    return f"?{urlencode({MARKETPLACE_PARAMETER: code})}"


def read_applies(request: HttpRequest) -> Applies:
    """The marketplace of the page, without any seller's data. Http404 for one that does not exist.

    For somebody who is signed in, also the frame of the page is set up around their seller.
    """
    preferred = _preferred(request)
    known = all_marketplaces()
    chosen = _chosen(known, request.GET.get(MARKETPLACE_PARAMETER, ""), preferred)
    if chosen is None:
        return Applies(None, Policy(), None, None, [])
    marketplace, nights = chosen
    others = [(other.name, query_of(other.code)) for other, _ in known if other.pk != marketplace.pk]
    return Applies(marketplace, nights.policy, nights.policy_version, _since(marketplace), others)


def _preferred(request: HttpRequest) -> str:
    """The code of the marketplace that a signed-in person looks at; "" for none."""
    if not request.user.is_authenticated:
        return ""
    with suppress(NoSeller, Http404):
        shown = stand(request).shown
        return shown[0].code if shown else ""
    return ""


def _chosen(
    known: list[tuple[Marketplace, Nights]], asked: str, preferred: str
) -> tuple[Marketplace, Nights] | None:
    by_code = {marketplace.code: (marketplace, nights) for marketplace, nights in known}
    if asked:
        if asked not in by_code:
            raise Http404("No such marketplace")
        return by_code[asked]
    return by_code.get(preferred) or next(iter(known), None)


def _since(marketplace: Marketplace) -> date | None:
    active = HealthPolicy.objects.filter(marketplace=marketplace.pk, state=HealthPolicy.State.ACTIVE)
    moment = active.values_list("activated_at", flat=True).first()
    return moment.astimezone(marketplace.zone).date() if moment else None
