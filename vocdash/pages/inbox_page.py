"""The inbox: a seller's notices as a list, one of them open beside it (PRODUCT D9).

A notice is marked as read by being opened, which is a GET. It is done all the same, and only there: it is
what people expect of an inbox, it changes nothing but a mark that can be set back, doing it twice does
nothing more, and no page asks for it ahead of a click. Only owners and editors leave the mark, because it
holds for the whole seller: what a viewer or an operator has looked at is still to be seen to.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, cast

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, QueryDict
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from health.inbox import Tally, listed, mark_read, next_move, tallies
from health.models import Notification, NotificationKind
from offers.lifecycle import Move, Status
from offers.models import Membership, Role
from vocdash.pages.access import Standing
from vocdash.pages.components import Pages, page_links
from vocdash.pages.notice_lines import mark_of, short_line, title_line
from vocdash.pages.notice_numbers import state_then
from vocdash.pages.notice_parts import Story, local, style
from vocdash.pages.notice_story import story_of
from vocdash.pages.offer_timeline import person
from vocdash.pages.pictures import picture_for
from vocdash.pages.shell import Place, address_of
from vocdash.pages.states import HealthState

PER_PAGE: Final = 25
ACTING: Final = frozenset({Role.OWNER, Role.EDITOR})


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: a kind ("" for all), only unread ones, which page."""

    kind: str = ""
    unread: bool = False
    page: int = 1

    def address(self, to: str = "", **changes: object) -> str:
        """The address of the list, or of a notice with the list beside it, with some of this changed."""
        asked = replace(self, **changes)  # type: ignore[arg-type]
        values = {"kind": asked.kind, "unread": "1" if asked.unread else "", "page": asked.page}
        query = urlencode({name: value for name, value in values.items() if value not in {"", 1}})
        return f"{to or address_of('notifications')}{f'?{query}' if query else ''}"


@dataclass(frozen=True, slots=True)
class Line:
    """One notice in the list."""

    address: str
    mark: SafeString
    title: str
    short: str
    on: date
    when: str
    unread: bool
    current: bool


@dataclass(frozen=True, slots=True)
class Tab:
    """A filter of the list, with how many of its notices are unread."""

    label: str
    address: str
    chosen: bool
    unread: int


@dataclass(frozen=True, slots=True)
class Reading:
    """The notice that is open. now: what became of its offer since, for a closure.

    urgent: the offer is still closed. resolve: the address of the flow, "" where there is none to start.
    """

    notice: Notification
    story: Story
    state: HealthState | None
    when: str
    now: str
    urgent: bool
    resolve: str
    resolve_label: str
    picture: SafeString
    details: str
    may_mark: bool
    back: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """The page. opened: a notice has an address of its own, and on phones the whole page."""

    seller: str
    asked: Asked
    tabs: list[Tab]
    lines: list[Line]
    page_links: SafeString
    total: int
    unread: int
    newest: int
    reading: Reading | None
    opened: bool
    may_mark: bool


def read_asked(query: QueryDict) -> Asked:
    """What the address asks for; whatever is not understood is left out."""
    kind, page = query.get("kind", ""), query.get("page", "")
    return Asked(
        kind=kind if kind in NotificationKind.values else "",
        unread=query.get("unread", "") == "1",
        page=int(page) if page.isdecimal() and len(page) < 7 else 1,
    )


def visible_notice(request: HttpRequest, notice_id: int) -> tuple[Notification, str | None]:
    """The notice and the person's role at its seller (None: an operator). Http404 for everybody else."""
    user = cast(User, request.user)
    try:
        notice = _whole().get(pk=notice_id)
    except Notification.DoesNotExist as error:
        raise Http404("No such notice") from error
    member = Membership.objects.filter(user=user, seller=notice.seller_id)
    role = member.values_list("role", flat=True).first()
    if role is None and not user.is_staff:
        raise Http404("No such notice")
    return notice, role


def _whole() -> QuerySet[Notification]:
    """Notices with everything that is told of them."""
    return Notification.objects.select_related(
        "seller", "marketplace", "offer__category", "offer__marketplace", "status_change"
    )


def open_notice(notice: Notification, role: str | None, user: User) -> None:
    """Mark a notice as read when somebody opens it who acts for its seller."""
    if role not in ACTING or notice.read_at or not mark_read(notice_id=notice.pk, by=user):
        return
    notice.read_at = timezone.now()


def build_inbox(
    standing: Standing, asked: Asked, notice: Notification | None = None, *, today: date
) -> Inbox:
    """The inbox of the seller, with `notice` open; else the first of the list beside it, not yet read."""
    found = tallies(standing.seller.pk)
    rows, links = _page(standing.seller.pk, asked, found)
    shown = notice or (rows[0] if rows else None)
    if shown is not None and notice is None:
        shown = _whole().get(pk=shown.pk)
    return Inbox(
        seller=standing.seller.name,
        asked=asked,
        tabs=_tabs(asked, found),
        lines=[_line(row, asked, shown, today) for row in rows],
        page_links=links,
        total=sum(tally.total for tally in found.values()),
        unread=sum(tally.unread for tally in found.values()),
        newest=max((tally.newest for tally in found.values()), default=0),
        reading=read_notice(shown, standing.role, asked) if shown else None,
        opened=notice is not None,
        may_mark=standing.role in ACTING,
    )


def _page(seller_id: int, asked: Asked, found: dict[str, Tally]) -> tuple[list[Notification], SafeString]:
    """The notices of the page, and links to the others."""
    kinds = [tally for kind, tally in found.items() if asked.kind in {"", kind}]
    number = sum(tally.unread if asked.unread else tally.total for tally in kinds)
    count = max(1, -(-number // PER_PAGE))
    page = min(max(asked.page, 1), count)
    first, last = (page - 1) * PER_PAGE, min(page * PER_PAGE, number)
    address: Callable[[int], str] = lambda to: asked.address(page=to)  # noqa: E731 - typed for `Pages`
    pages = Pages(page, count, first + 1, last, number, address, PER_PAGE, (PER_PAGE,))
    return list(listed(seller_id, kind=asked.kind, unread=asked.unread)[first:last]), page_links(pages)


def _tabs(asked: Asked, found: dict[str, Tally]) -> list[Tab]:
    """All, unread, and each kind of which there is any."""
    unread = sum(tally.unread for tally in found.values())
    everything = Asked()
    tabs = [
        Tab(gettext("All"), everything.address(), asked.kind == "" and not asked.unread, 0),
        Tab(gettext("Unread"), everything.address(unread=True), asked.kind == "" and asked.unread, unread),
    ]
    for kind in NotificationKind:
        tally = found.get(kind.value)
        if tally or asked.kind == kind:
            address = everything.address(kind=kind.value)
            tabs.append(Tab(str(kind.label), address, asked.kind == kind, tally.unread if tally else 0))
    return tabs


def _line(row: Notification, asked: Asked, shown: Notification | None, today: date) -> Line:
    write = style()
    return Line(
        address=asked.address(address_of("notification", row.pk)),
        mark=mark_of(row),
        title=title_line(row),
        short=short_line(row),
        on=row.on,
        when=write.day_short(row.on) if row.on.year == today.year else write.day(row.on),
        unread=row.read_at is None,
        current=shown is not None and shown.pk == row.pk,
    )


def read_notice(notice: Notification, role: str | None, asked: Asked) -> Reading:
    """A notice as it is read."""
    offer = notice.offer
    now, urgent = _since(notice)
    resolve = address_of("offer-resolve", notice.offer_id) if urgent and role in ACTING else ""
    return Reading(
        notice=notice,
        story=story_of(notice),
        state=state_then(notice),
        when=style().moment(local(notice, notice.created_at)),
        now=now,
        urgent=urgent,
        resolve=resolve,
        resolve_label=gettext("Resolve issue"),
        picture=_picture(notice),
        details=address_of("offer", offer.pk) if offer else "",
        may_mark=role in ACTING,
        back=asked.address(),
    )


def _picture(notice: Notification) -> SafeString:
    offer = notice.offer
    if offer is None:
        return SafeString("")
    return picture_for(offer.image_url, offer.category.path if offer.category else "")


def _since(notice: Notification) -> tuple[str, bool]:
    """What became of a closure, and whether the offer is still closed by it."""
    closure = notice.status_change
    if notice.kind != NotificationKind.CLOSED or closure is None or notice.offer is None:
        return "", False
    move = next_move(closure)
    if move is None:
        return gettext("Still closed"), notice.offer.status == Status.CLOSED
    values = {"day": style().day(move.on), "who": person(move.by)}
    words = {
        Move.RELIST: gettext("Relisted on %(day)s by %(who)s"),
        Move.LIFT: gettext("Open again since %(day)s: it was closed in error"),
        Move.DELETE: gettext("The listing was deleted on %(day)s"),
    }.get(Move(move.move), "")
    return words % values, False


def alone(notice: Notification, role: str | None) -> Inbox:
    """A notice of a seller who is not the one chosen in the header: without the list, which is another's."""
    return Inbox(
        seller=notice.seller.name,
        asked=Asked(),
        tabs=[],
        lines=[],
        page_links=SafeString(""),
        total=0,
        unread=0,
        newest=0,
        reading=read_notice(notice, role, Asked()),
        opened=True,
        may_mark=False,
    )


def place_of(notice: Notification, role: str | None) -> Place:
    """The frame of the page around such a notice."""
    unread = Notification.objects.filter(seller_id=notice.seller_id, read_at__isnull=True).count()
    return Place(seller=notice.seller.name, unread=unread, reading_only=role is None)
