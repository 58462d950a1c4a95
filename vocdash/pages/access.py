"""Whose pages a person sees: the seller and marketplace of this session, and what they may do there.

A stranger's seller does not exist for them: 404, in the same words as nothing there (PRODUCT A3). A
member without the right gets 403. An operator reads every seller's pages and acts for none (F6).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias, cast

from django.contrib.auth.models import User
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest

from health.models import HealthPolicy, Night, Notification, RecomputeRun, SavedView, SellerSummary
from health.policy import Policy
from health.saved_views import MOST_VIEWS
from offers.models import Marketplace, Membership, Offer, Role, Seller
from offers.prepared import Prepared, RowsAsText, rows_of_text
from vocdash.pages.shell import Place

SELLER_KEY: Final = "seller"
MARKETPLACE_KEY: Final = "marketplace"
ALL: Final = ""


Summary: TypeAlias = tuple[int, date, dict[str, int]]  # marketplace id, night, counts


class NoSeller(Exception):
    """The person belongs to no seller: there is nothing to show them yet."""


@dataclass(frozen=True, slots=True)
class Nights:
    """What is known of a marketplace: its last computed night, its last run, its active policy."""

    as_of: date | None
    computed_at: datetime | None
    run_state: str
    policy_version: int | None
    policy: Policy
    run_id: int | None = None
    run_seen_at: datetime | None = None
    """When the last run last said that it lives."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a signed-in person stands. `role` is None for an operator on a seller's page.

    `marketplaces` are those on which the seller has offers, `nights` what is known of each by its id;
    `chosen` is one of them or None for all. `summaries` are the seller's, newest first: of each marketplace
    the last 13. `saved` are the person's own views of the seller's grid, by name.
    """

    seller: Seller
    role: str | None
    marketplaces: list[Marketplace]
    chosen: Marketplace | None
    summaries: list[Summary]
    nights: dict[int, Nights]
    unread: int = 0
    saved: Sequence[SavedView] = ()

    @property
    def shown(self) -> list[Marketplace]:
        """The marketplaces whose offers are shown."""
        return [self.chosen] if self.chosen else self.marketplaces

    @property
    def shown_ids(self) -> list[int]:
        """Their ids."""
        return [marketplace.pk for marketplace in self.shown]

    @property
    def reading_only(self) -> bool:
        """Whether this person may read but not act."""
        return self.role in {None, Role.VIEWER}


def _marketplaces() -> Any:
    night = Night.objects.filter(marketplace=OuterRef("pk")).order_by("-as_of")
    run = RecomputeRun.objects.filter(marketplace=OuterRef("pk")).order_by("-started_at")
    policy = HealthPolicy.objects.filter(marketplace=OuterRef("pk"), state=HealthPolicy.State.ACTIVE)
    return Marketplace.objects.annotate(
        night_as_of=Subquery(night.values("as_of")[:1]),
        night_at=Subquery(night.values("computed_at")[:1]),
        run_state=Subquery(run.values("state")[:1]),
        run_id=Subquery(run.values("pk")[:1]),
        run_seen_at=Subquery(run.values("heartbeat_at")[:1]),
        version=Subquery(policy.values("version")[:1]),
        numbers=Subquery(policy.values("numbers")[:1]),
    ).order_by("name", "pk")


_PLAIN: Final = ("pk", "code", "name", "currency", "time_zone", "language", "recompute_hour")
_OF_NIGHTS: Final = (
    *("night_as_of", "night_at", "run_state", "version", "numbers"),
    *("run_id", "run_seen_at"),
)
_MARKETPLACES: Final = Prepared(lambda: _marketplaces().values_list(*_PLAIN, *_OF_NIGHTS))
_WEEKS: Final = 13  # of each marketplace, one summary a week


def _marketplaces_of(seller_id: int) -> Any:
    """The marketplaces on which the seller was counted, each with its summaries."""
    counted = SellerSummary.objects.filter(seller_id=seller_id, marketplace=OuterRef("pk"))
    newest = counted.order_by("-as_of").values("as_of", "counts")[:_WEEKS]
    found = _marketplaces().annotate(summaries=RowsAsText(newest)).filter(Exists(counted))
    return found.values_list(*_PLAIN, *_OF_NIGHTS, "summaries")


_MARKETPLACES_OF: Final = Prepared(_marketplaces_of)


def _unread(seller: str) -> Subquery:
    """How many notices of a query's seller nobody has read, None for none: part of a query asked anyway."""
    unread = Notification.objects.filter(seller=OuterRef(seller), read_at__isnull=True)
    # Of rows and not of ids, which the index of what is unread does not have.
    return Subquery(unread.order_by().values("seller").annotate(number=Count("*")).values("number"))


def _saved(user_id: int, seller: str) -> RowsAsText:
    """A person's views of a query's seller: part of a query asked anyway."""
    views = SavedView.objects.filter(user_id=user_id, seller=OuterRef(seller))
    return RowsAsText(views.order_by("name", "pk").values("pk", "name", "query")[:MOST_VIEWS])


_MEMBERSHIPS: Final = Prepared(
    lambda user_id: (
        Membership.objects.filter(user_id=user_id)
        .annotate(unread=_unread("seller_id"), saved=_saved(user_id, "seller_id"))
        .order_by("seller__name", "pk")
        .values_list("seller_id", "seller__code", "seller__name", "role", "unread", "saved")
    )
)


def all_marketplaces() -> list[tuple[Marketplace, Nights]]:
    """Every marketplace with its nights, by name."""
    return [_known(row) for row in _MARKETPLACES.rows()]


def _known(row: Sequence[Any]) -> tuple[Marketplace, Nights]:
    as_of, computed_at, run_state, version, numbers, run_id, seen_at = row[len(_PLAIN) : _SUMMARIES]
    nights = Nights(as_of, computed_at, run_state or "", version, _policy(numbers), run_id, seen_at)
    return Marketplace(**dict(zip(_PLAIN, row, strict=False))), nights


_SUMMARIES: Final = len(_PLAIN) + len(_OF_NIGHTS)


def _summary(marketplace_id: int, as_of: str, counts: dict[str, int] | str) -> Summary:
    # JSON in JSON is text on one database and read on the other.
    return (
        marketplace_id,
        date.fromisoformat(as_of),
        json.loads(counts) if isinstance(counts, str) else counts,
    )


def _policy(numbers: dict[str, Any] | str | None) -> Policy:
    # A subquery's JSON comes as text on one database and read on the other.
    return _policy_of(numbers if isinstance(numbers, str) else json.dumps(numbers or {}))


@lru_cache(maxsize=64)
def _policy_of(numbers: str) -> Policy:
    return Policy.from_dict(json.loads(numbers))


def stand(request: HttpRequest) -> Standing:
    """Find out where the person stands and put it on the request for the frame of the page.

    Raises NoSeller for a person without a seller, Http404 for an operator's seller that is gone.
    """
    seller, role, unread, saved = _seller_of(request)
    rows = _MARKETPLACES_OF.rows(seller.pk)
    seen = [_summary(row[0], *cells) for row in rows for cells in rows_of_text(row[_SUMMARIES])]
    seen.sort(key=lambda summary: (-summary[1].toordinal(), summary[0]))
    known = [_known(row) for row in rows]
    marketplaces = [marketplace for marketplace, _ in known]
    code = request.session.get(MARKETPLACE_KEY, ALL)
    chosen = next((marketplace for marketplace in marketplaces if marketplace.code == code), None)
    if chosen is None and len(marketplaces) == 1:
        chosen = marketplaces[0]
    nights = {marketplace.pk: nights for marketplace, nights in known}
    standing = Standing(seller, role, marketplaces, chosen, seen, nights, unread, saved)
    request.place = _place(standing)  # type: ignore[attr-defined]  # read by shell.Shell
    return standing


def _place(standing: Standing) -> Place:
    versions = {standing.nights[pk].policy_version for pk in standing.shown_ids} - {None}
    return Place(
        seller=standing.seller.name,
        marketplace=standing.chosen.name if standing.chosen else "",
        unread=standing.unread,
        policy=f"v{versions.pop()}" if len(versions) == 1 else "",
        reading_only=standing.role is None,
    )


class _Of(NamedTuple):
    """A seller, the person's role there, the seller's unread notices, and the person's views of its grid."""

    seller: Seller
    role: str | None
    unread: int
    saved: list[SavedView]


def _seller_of(request: HttpRequest) -> _Of:
    user = cast(User, request.user)
    wanted = request.session.get(SELLER_KEY)
    mine = _MEMBERSHIPS.rows(user.pk)
    found = next((row for row in mine if row[0] == wanted), None)
    if found is None and user.is_staff and wanted is not None:
        return _existing(wanted, user)
    if not mine:
        raise NoSeller
    pk, code, name, role, unread, saved = found or mine[0]
    return _Of(Seller(pk=pk, code=code, name=name), role, unread or 0, _views(saved))


def _views(saved: str | None) -> list[SavedView]:
    return [SavedView(pk=pk, name=name, query=query) for pk, name, query in rows_of_text(saved)]


def _existing(seller_id: int, user: User) -> _Of:
    try:
        rows = Seller.objects.annotate(unread=_unread("pk"), saved=_saved(user.pk, "pk"))
        seller = rows.get(pk=seller_id)
    except (Seller.DoesNotExist, ValueError, TypeError) as error:
        raise Http404("No such seller") from error
    return _Of(seller, None, seller.unread or 0, _views(seller.saved))


def sellers_of(user: User) -> QuerySet[Seller]:
    """The sellers that a person may look at: an operator's are all."""
    if user.is_staff:
        return Seller.objects.order_by("name", "pk")
    return Seller.objects.filter(memberships__user=user).order_by("name", "pk")


def visible_offer(request: HttpRequest, offer_id: int) -> tuple[Offer, str | None]:
    """The offer and the person's role at its seller (None: an operator). Http404 for everybody else."""
    user = cast(User, request.user)
    try:
        offer = Offer.objects.select_related("seller", "marketplace", "category", "health").get(pk=offer_id)
    except Offer.DoesNotExist as error:
        raise Http404("No such offer") from error
    role = Membership.objects.filter(user=user, seller=offer.seller_id).values_list("role", flat=True).first()
    if role is None and not user.is_staff:
        raise Http404("No such offer")
    return offer, role
