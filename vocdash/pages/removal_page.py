"""One removal order: what was asked for, how far it is, and each step with who and when."""

from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from offers.models import RemovalChange, RemovalKind, RemovalOrder, RemovalState
from vocdash.pages.formats import Locale, locale
from vocdash.pages.offer_timeline import who_moved
from vocdash.pages.removal_words import OfferBrief, brief, state_icon, state_tag, state_words
from vocdash.pages.shell import address_of


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the state it led to, how many units by then, when and by whom."""

    mark: SafeString
    words: str
    when: str


@dataclass(frozen=True, slots=True)
class RemovalPage:
    """Everything that the page shows. `cancel` is the address of its question, "" where it can't be asked."""

    reference: str
    offer: OfferBrief
    state: SafeString
    facts: list[tuple[str, str]]
    note: str
    steps: list[Step]
    cancel: str
    relist_reference: str
    relist: str


def can_cancel(order: RemovalOrder) -> bool:
    """Whether the marketplace has not begun with it."""
    return order.state == RemovalState.REQUESTED and not order.done


def build_removal(order: RemovalOrder, *, acting: bool) -> RemovalPage:
    """The whole page; `order` was read by `removals_of`. One query: the steps."""
    style = locale(get_language())
    case = getattr(order, "case", None)
    reference = (case.reference or "") if case else ""
    changes = order.changes.select_related("by").order_by("at", "pk")
    return RemovalPage(
        reference=order.reference,
        offer=brief(order.offer),
        state=state_tag(order, fell_short=_short(order)),
        facts=_facts(order, style),
        note=order.note,
        steps=[_step(order, change, style) for change in changes],
        cancel=address_of("removal-cancel", order.pk) if acting and can_cancel(order) else "",
        relist_reference=reference,
        relist=address_of("resolve-done", order.offer_id, reference) if reference else "",
    )


def _short(order: RemovalOrder) -> bool:
    return bool(getattr(order, "fell_short", False))


def _facts(order: RemovalOrder, style: Locale) -> list[tuple[str, str]]:
    facts = [
        (gettext("What happens"), what_happens(order.kind)),
        (gettext("Units"), style.count(order.quantity)),
    ]
    if order.done:
        facts.append((gettext("Units done"), style.count(order.done)))
    if order.cancelled:
        facts.append((gettext("Units cancelled"), style.count(order.cancelled)))
    return facts


def what_happens(kind: str) -> str:
    """What the marketplace does with the units, as a sentence."""
    if kind == RemovalKind.RETURN:
        return gettext("The units are returned to you")
    return gettext("The units are disposed of")


def _step(order: RemovalOrder, change: RemovalChange, style: Locale) -> Step:
    at = change.at.astimezone(order.offer.marketplace.zone)
    by_marketplace = change.source != RemovalChange.Source.SELLER
    words = state_words(change.state, change.done, order.quantity, by_marketplace=by_marketplace)
    return Step(state_icon(change.state), words, f"{style.moment(at)} · {who_moved(change)}")
