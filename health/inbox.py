"""A seller's notices as the inbox shows them: listed, counted, read and unread (PRODUCT D9).

Read is a fact about the notice, not about a person: a seller's people share one inbox.
"""

from typing import NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from health.models import Notification
from offers.models import OfferStatusChange


class Tally(NamedTuple):
    """How many notices there are of a kind, how many of them nobody has read, and the highest id."""

    total: int
    unread: int
    newest: int


def tallies(seller_id: int) -> dict[str, Tally]:
    """The seller's notices by kind; kinds without any are left out."""
    unread = Count("pk", filter=Q(read_at__isnull=True))
    kinds = Notification.objects.filter(seller_id=seller_id).values_list("kind").order_by()
    rows = kinds.annotate(total=Count("pk"), unread=unread, newest=Max("pk"))
    return {kind: Tally(total, unread, newest) for kind, total, unread, newest in rows}


def listed(seller_id: int, *, kind: str = "", unread: bool = False) -> QuerySet[Notification]:
    """The seller's notices, newest first; "" is every kind."""
    notices = Notification.objects.filter(seller_id=seller_id).select_related("offer", "marketplace")
    if kind:
        notices = notices.filter(kind=kind)
    if unread:
        notices = notices.filter(read_at__isnull=True)
    return notices.order_by("-created_at", "-pk")


def next_move(closure: OfferStatusChange) -> OfferStatusChange | None:
    """What happened to the offer after a closure, None while nothing has."""
    later = Q(at__gt=closure.at) | Q(at=closure.at, pk__gt=closure.pk)
    moves = OfferStatusChange.objects.filter(later, offer_id=closure.offer_id).select_related("by")
    return moves.order_by("at", "pk").first()


def mark_read(*, notice_id: int, by: AbstractBaseUser) -> bool:
    """Note that somebody has read it. False, and nothing done, when somebody had."""
    unread = Notification.objects.filter(pk=notice_id, read_at__isnull=True)
    return bool(unread.update(read_at=timezone.now(), read_by=by))


def mark_unread(*, notice_id: int) -> None:
    """Put it back among the unread ones."""
    Notification.objects.filter(pk=notice_id).update(read_at=None, read_by=None)


def mark_all_read(*, seller_id: int, upto: int, by: AbstractBaseUser) -> int:
    """Mark the seller's unread notices up to an id: those that came since the list was shown stay."""
    unread = Notification.objects.filter(seller_id=seller_id, read_at__isnull=True, pk__lte=upto)
    return unread.update(read_at=timezone.now(), read_by=by)
