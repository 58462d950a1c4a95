"""Whose pages a person sees: the seller and marketplace of this session, and what they may do there.

A stranger's seller does not exist for them: 404, in the same words as nothing there (PRODUCT A3). A
member without the right gets 403. An operator reads every seller's pages and acts for none (F6).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, cast

from django.contrib.auth.models import User
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest

from health.grid import summaries
from health.models import HealthPolicy, Night, Notification, RecomputeRun
from offers.models import Marketplace, Membership, Offer, Role, Seller
from vocdash.pages.shell import Place

SELLER_KEY: Final = "seller"
MARKETPLACE_KEY: Final = "marketplace"
ALL: Final = ""


class NoSeller(Exception):
    """The person belongs to no seller: there is nothing to show them yet."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a signed-in person stands. `role` is None for an operator on a seller's page.

    `marketplaces` are those on which the seller has offers, with their nights as `nights` annotates
    them; `chosen` is one of them or None for all. `summaries` are the seller's, newest first.
    """

    seller: Seller
    role: str | None
    marketplaces: list[Marketplace]
    chosen: Marketplace | None
    summaries: list[tuple[int, date, dict[str, int]]]

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


@dataclass(frozen=True, slots=True)
class LastNight:
    """What is known of a marketplace's nights: the last computed one, and the last run."""

    as_of: date | None
    computed_at: datetime | None
    run_state: str
    policy_version: int | None


def last_night_of(marketplace: Marketplace) -> LastNight:
    """The annotations of `nights`, with their types."""
    row = cast(Any, marketplace)
    return LastNight(row.night_as_of, row.night_computed_at, row.run_state or "", row.policy_version)


def nights() -> QuerySet[Marketplace]:
    """All marketplaces with their last night, last run and active policy version."""
    night = Night.objects.filter(marketplace=OuterRef("pk")).order_by("-as_of")
    run = RecomputeRun.objects.filter(marketplace=OuterRef("pk")).order_by("-started_at")
    policy = HealthPolicy.objects.filter(marketplace=OuterRef("pk"), state=HealthPolicy.State.ACTIVE)
    return Marketplace.objects.annotate(
        night_as_of=Subquery(night.values("as_of")[:1]),
        night_computed_at=Subquery(night.values("computed_at")[:1]),
        run_state=Subquery(run.values("state")[:1]),
        policy_version=Subquery(policy.values("version")[:1]),
    ).order_by("name", "pk")


def stand(request: HttpRequest) -> Standing:
    """Find out where the person stands and put it on the request for the frame of the page.

    Raises NoSeller for a person without a seller, Http404 for an operator's seller that is gone.
    """
    seller, role = _seller_of(request)
    seen = summaries(seller.pk)
    mine = {marketplace_id for marketplace_id, _, _ in seen}
    marketplaces = [marketplace for marketplace in nights() if marketplace.pk in mine]
    code = request.session.get(MARKETPLACE_KEY, ALL)
    chosen = next((marketplace for marketplace in marketplaces if marketplace.code == code), None)
    if chosen is None and len(marketplaces) == 1:
        chosen = marketplaces[0]
    standing = Standing(seller, role, marketplaces, chosen, seen)
    request.place = _place(standing)  # type: ignore[attr-defined]  # read by shell.Shell
    return standing


def _place(standing: Standing) -> Place:
    unread = Notification.objects.filter(seller=standing.seller, read_at__isnull=True)
    versions = {last_night_of(marketplace).policy_version for marketplace in standing.shown} - {None}
    return Place(
        seller=standing.seller.name,
        marketplace=standing.chosen.name if standing.chosen else "",
        unread=unread.count(),
        policy=f"v{versions.pop()}" if len(versions) == 1 else "",
        reading_only=standing.role is None,
    )


def _seller_of(request: HttpRequest) -> tuple[Seller, str | None]:
    user = cast(User, request.user)
    wanted = request.session.get(SELLER_KEY)
    found = list(Membership.objects.filter(user=user).select_related("seller").order_by("seller__name", "pk"))
    for membership in found:
        if membership.seller_id == wanted:
            return membership.seller, membership.role
    if user.is_staff and wanted is not None:
        return _existing(wanted), None
    if found:
        return found[0].seller, found[0].role
    raise NoSeller


def _existing(seller_id: int) -> Seller:
    try:
        return Seller.objects.get(pk=seller_id)
    except (Seller.DoesNotExist, ValueError, TypeError) as error:
        raise Http404("No such seller") from error


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
