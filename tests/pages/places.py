"""A seller with one of everything that has an address of its own, and six people who go there."""

from dataclasses import dataclass
from typing import Any

from django.test import Client

from health.models import Notification, ResolutionCase, SavedView
from offers.image_actions import store_image
from offers.models import Invitation, ListingImage, Membership, Offer, RemovalOrder, Role
from tests.case_factories import InvitationFactory, RemovalOrderFactory
from tests.factories import MembershipFactory, NotificationFactory, SavedViewFactory
from tests.health.closed_offers import OTHER, REMEDY, close, closed_offer, finish, ready
from tests.pages.people import Person, member, operator, stranger
from tests.pages.resolving import picture


@dataclass
class World:
    """What the seller has. The owner's draft only has to be confirmed; `done` is one that was."""

    offer: Offer
    draft: ResolutionCase
    done: ResolutionCase
    removal: RemovalOrder
    notice: Notification
    image: ListingImage
    view: SavedView
    invitation: Invitation
    colleague: Membership
    people: dict[str, Client]


def world() -> World:
    """The seller, the people: owner, editor, viewer, stranger, operator who chose the seller, and nobody."""
    offer = closed_offer()
    seller = offer.seller
    owner = member(seller, Role.OWNER)
    done = finish(ready(offer, owner.user), owner.user)
    close(offer, 2)
    watching = operator()
    watching.switch(seller)
    people: dict[str, Person] = {
        "owner": owner,
        "editor": member(seller, Role.EDITOR),
        "viewer": member(seller, Role.VIEWER),
        "stranger": stranger(),
        "operator": watching,
    }
    return World(
        offer=offer,
        draft=ready(offer, owner.user, fixes=OTHER, remedy=REMEDY),
        done=done,
        removal=RemovalOrderFactory(offer=offer),
        notice=NotificationFactory(seller=seller, marketplace=offer.marketplace),
        image=store_image(offer_id=offer.pk, upload=picture(), by=owner.user),
        view=SavedViewFactory(user=owner.user, seller=seller),
        invitation=InvitationFactory(seller=seller),
        colleague=MembershipFactory(seller=seller, role=Role.VIEWER),
        people={**{name: person.client for name, person in people.items()}, "nobody": Client()},
    )


def arguments(here: World) -> dict[str, list[Any]]:
    """What the address of each name needs in it."""
    offer = [here.offer.pk]
    of_offer = (
        *(
            "offer",
            "offer-feedback",
            "offer-feedback-csv",
            "offer-history-csv",
            "offer-edit",
            "listing-delete",
        ),
        *("offer-resolve", "resolve-review", "resolve-fix", "resolve-confirm"),
    )
    return {
        **dict.fromkeys(of_offer, offer),
        "resolve-done": [here.offer.pk, here.done.reference],
        "listing-image": [here.image.pk],
        "removal": [here.removal.pk],
        "removal-cancel": [here.removal.pk],
        "notification": [here.notice.pk],
        "notification-mark": [here.notice.pk],
        "view-delete": [here.view.pk],
        "member-role": [here.colleague.pk],
        "member-remove": [here.colleague.pk],
        "invitation-send": [here.invitation.pk],
        "invitation-revoke": [here.invitation.pk],
        "invitation": ["no-such-token"],
        "unsubscribe": ["no-such-token"],
        "password_reset_confirm": ["MQ", "no-such-token"],
    }


def forms(here: World) -> dict[str, dict[str, Any]]:
    """What is sent to an address, where an empty form would say nothing of who may send it."""
    return {
        "switch": {"seller": here.offer.seller_id, "marketplace": ""},
        "view-save": {"name": "Mine", "query": "band=poor"},
        "resolve-confirm": {
            "case": here.draft.pk,
            "seen_version": here.draft.version,
            "attest": ["reviewed", "accurate"],
        },
        "member-invite": {"email": "new@example.org", "role": "viewer"},
        "member-role": {"role": "editor"},
        "removal-new": {"offer": here.offer.pk, "quantity": 1, "kind": "return"},
    }
