"""The parts of which a notice is told, the same for the inbox, the e-mail and its text twin. Pure data."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.translation import get_language, gettext

from health.models import Notification
from offers.models import Fulfillment, Offer
from vocdash.pages.formats import MINUS, Locale, locale
from vocdash.pages.wording import Sentence


@dataclass(frozen=True, slots=True)
class Quote:
    """What a customer wrote, in quotation marks, and where and when: "Return · Defective · 3 Mar 2024"."""

    words: str
    about: str


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a list: its words, the path of the page it leads to, what is said besides."""

    label: str
    path: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A list under a heading."""

    heading: str
    items: list[Item]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A notice in words.

    tone: "vp", "po", "ok" or "". facts: the numbers in short, name and value; more: what identifies what
    it is about. why: the evidence in sentences; rule: by which rule it was decided. button: words and path.
    """

    subject: str
    headline: str
    tone: str = ""
    lead: list[Sentence]
    facts: list[tuple[str, str]] = field(default_factory=list)
    more: list[tuple[str, str]] = field(default_factory=list)
    why: list[Sentence] = field(default_factory=list)
    rule: list[str] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    after: list[Sentence] = field(default_factory=list)
    button: tuple[str, str] = ("", "")


def style() -> Locale:
    """How the active language writes numbers."""
    return locale(get_language())


def title_of(notice: Notification) -> str:
    """The title of the offer that a notice is about, "" for none."""
    return notice.offer.title if notice.offer else ""


def local(notice: Notification, moment: datetime) -> datetime:
    """A moment in the zone of the notice's marketplace."""
    return moment.astimezone(notice.marketplace.zone) if notice.marketplace else moment


def with_offset(moment: datetime) -> str:
    """A moment with its distance from UTC, for those who read it elsewhere: 18 Nov 2026, 03:12 (UTC−5)."""
    minutes = int((moment.utcoffset() or moment - moment).total_seconds()) // 60
    sign = "+" if minutes >= 0 else MINUS
    hours, rest = divmod(abs(minutes), 60)
    offset = f"UTC{sign}{hours}{f':{rest:02}' if rest else ''}" if minutes else "UTC"
    return f"{style().moment(moment)} ({offset})"


def day_of(evidence: dict[str, object], name: str) -> date | None:
    """A date of the evidence."""
    value = evidence.get(name)
    return date.fromisoformat(value) if isinstance(value, str) and value else None


def identity(offer: Offer) -> list[tuple[str, str]]:
    """What tells an offer from others."""
    found = [(gettext("SKU"), offer.sku)]
    if offer.product_id:
        found.append((gettext("Product id"), offer.product_id))
    return found


def what_to_do(offer: Offer, last: str) -> list[str]:
    """The steps of the resolve flow; `last` is the one that ends it."""
    if offer.fulfillment == Fulfillment.MARKETPLACE:
        fix = gettext(
            "Fix the cause: edit the listing, create a removal or disposal order for the stock, "
            "or describe another remedy."
        )
    else:
        fix = gettext("Fix the cause: edit the listing, or describe another remedy.")
    return [gettext("Read what customers reported."), fix, last]


def no_account_effect() -> Sentence:
    """PRODUCT A5, wherever a closure is told of."""
    return Sentence(gettext("<strong>This has no effect on your seller account.</strong>"))
