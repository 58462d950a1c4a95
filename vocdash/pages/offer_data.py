"""What is read for the page of one offer: once, by few queries, before anything is put into words."""

from dataclasses import dataclass
from datetime import date, datetime

from django.http import Http404, HttpRequest

from feedback.comments import Window
from health.bands import Band
from health.models import HealthChange, HealthPolicy, Notification, OfferHealth, ResolutionCase
from health.offer_detail import Complaints, OrderDays, read_complaints, read_order_days
from health.offer_history import (
    WEEKS_SHOWN,
    Compared,
    ComputedNight,
    Log,
    read_compared,
    read_nights,
)
from health.policy import Policy
from offers.lifecycle import Status
from offers.models import ListingRevision, Marketplace, Offer, OfferStatusChange, RemovalChange, Role, Seller
from vocdash.pages.access import Nights, Standing, all_marketplaces, visible_offer
from vocdash.pages.shell import Place
from vocdash.pages.states import HealthState, state_of


@dataclass(frozen=True, slots=True)
class Computed:
    """What the last computed night knew of the offer. `policy` is the one that the night was computed by."""

    health: OfferHealth
    as_of: date
    policy: Policy
    policy_version: int
    nights: list[ComputedNight]
    log: Log
    orders: OrderDays
    complaints: Complaints

    @property
    def day(self) -> int:
        """The night as an ordinal."""
        return self.as_of.toordinal()

    @property
    def compared(self) -> Compared | None:
        """What the offer is compared with now."""
        return self.log.compared_on(self.as_of)


@dataclass(frozen=True, slots=True)
class OfferData:
    """One offer with everything that its page shows. `computed` is None before its first night."""

    offer: Offer
    role: str | None
    nights: Nights
    computed: Computed | None
    moves: list[OfferStatusChange]
    revisions: list[ListingRevision]
    notices: list[Notification]
    removals: list[RemovalChange]
    cases: list[ResolutionCase]

    @property
    def health(self) -> OfferHealth | None:
        """The offer's row, None where not even that is there yet."""
        return health_of(self.offer)

    @property
    def state(self) -> HealthState:
        """The state that is shown."""
        health = self.health
        if health is None:
            return state_of(0, ordered_before=False)
        return state_of(health.tile, ordered_before=health.last_ordered_on is not None)

    @property
    def may_act(self) -> bool:
        """Whether this person may act for the seller."""
        return self.role in {Role.OWNER, Role.EDITOR}

    @property
    def closed(self) -> bool:
        """Whether customers can't buy it now."""
        return self.offer.status == Status.CLOSED

    @property
    def deleted(self) -> bool:
        """Whether the listing is gone."""
        return self.offer.status == Status.LISTING_DELETED

    @property
    def at_risk(self) -> bool:
        """Whether it is open and shown Poor or Very poor."""
        health = self.health
        live = self.offer.status == Status.LIVE
        return live and health is not None and health.band in {Band.POOR, Band.VERY_POOR}

    @property
    def window(self) -> Window:
        """The orders that count now."""
        health = self.health
        return Window(health.as_of, health.window_days) if health else Window(None, 0)

    def local(self, moment: datetime) -> datetime:
        """A moment in the marketplace's zone."""
        return moment.astimezone(self.offer.marketplace.zone)


def health_of(offer: Offer) -> OfferHealth | None:
    """The offer's row in the grid; an import that is not finished may have made none yet."""
    try:
        return offer.health
    except OfferHealth.DoesNotExist:
        return None


def open_offer(request: HttpRequest, offer_id: int) -> tuple[Offer, str | None, Nights]:
    """The offer for somebody who may see it, with the frame of the page set up around its seller.

    Raises Http404 for everybody else.
    """
    offer, role = visible_offer(request, offer_id)
    nights = next((known for m, known in all_marketplaces() if m.pk == offer.marketplace_id), None)
    if nights is None:
        raise Http404("No such offer")
    unread = Notification.objects.filter(seller_id=offer.seller_id, read_at__isnull=True).count()
    request.place = Place(  # type: ignore[attr-defined]  # read by shell.Shell
        seller=offer.seller.name,
        marketplace=offer.marketplace.name,
        unread=unread,
        policy=f"v{nights.policy_version}" if nights.policy_version else "",
        reading_only=role is None,
    )
    return offer, role, nights


def read_offer(offer: Offer, role: str | None, nights: Nights) -> OfferData:
    """Everything for the page of an offer."""
    return OfferData(
        offer=offer,
        role=role,
        nights=nights,
        computed=read_computed(offer, nights),
        moves=list(OfferStatusChange.objects.filter(offer=offer).select_related("by").order_by("at", "pk")),
        revisions=list(ListingRevision.objects.filter(offer=offer).select_related("by").order_by("number")),
        notices=list(Notification.objects.filter(offer=offer).order_by("on", "pk")),
        removals=list(
            RemovalChange.objects.filter(order__offer=offer)
            .select_related("order", "by")
            .order_by("at", "pk")
        ),
        cases=list(
            ResolutionCase.objects.filter(offer=offer, state=ResolutionCase.State.DONE)
            .select_related("by")
            .order_by("confirmed_at", "pk")
        ),
    )


def read_computed(offer: Offer, nights: Nights, weeks: int = WEEKS_SHOWN) -> Computed | None:
    """What the offer's last computed night knew; None before it."""
    health = health_of(offer)
    if health is None or health.as_of is None:
        return None
    computed = read_nights(offer.marketplace_id, health.as_of, weeks)
    policy, version = _policy_of(health.as_of, computed, nights)
    changes = list(HealthChange.objects.filter(offer=offer, as_of__lte=health.as_of).order_by("as_of"))
    first_band = next((change.as_of for change in changes if change.m is not None), None)
    return Computed(
        health=health,
        as_of=health.as_of,
        policy=policy,
        policy_version=version,
        nights=computed,
        log=Log(changes, read_compared(offer, health.as_of, weeks, first_band)),
        orders=read_order_days(offer.pk, health.as_of),
        complaints=read_complaints(offer.pk, health.as_of),
    )


def _policy_of(as_of: date, computed: list[ComputedNight], nights: Nights) -> tuple[Policy, int]:
    """The policy of the night, which is read only where another one is active by now."""
    night = computed[-1] if computed and computed[-1].as_of == as_of else None
    if night is None or night.policy_version == nights.policy_version:
        return nights.policy, nights.policy_version or 0
    row = HealthPolicy.objects.get(pk=night.policy_id)
    return row.policy, row.version


def standing_of(offer: Offer, role: str | None, nights: Nights) -> Standing:
    """Where the reader stands for what several pages share, such as how fresh the numbers are."""
    marketplace: Marketplace = offer.marketplace
    seller: Seller = offer.seller
    return Standing(seller, role, [marketplace], marketplace, [], {marketplace.pk: nights})
