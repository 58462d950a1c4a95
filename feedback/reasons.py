"""Why a customer complained: normal reasons, their causes, and the table of marketplace codes.

Pure: no Django, no database. FORMATS.md section 3 is the source of the normal reasons and of
the rules for comparing codes; the meaning of each code is what the marketplaces publish in
their help pages on customer returns.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

ALL_SOURCES = "*"
OWN_SOURCE = "own"


def gettext_noop(text: str) -> str:
    """Mark a label for the message catalogue without importing Django into a pure module."""
    return text


class Cause(StrEnum):
    """Who or what is behind a complaint. Only product and listing count (FORMATS 3)."""

    label: str

    def __new__(cls, slug: str, label: str = "") -> Cause:
        """Give the member its label; `Cause(slug)` finds it."""
        member = str.__new__(cls, slug)
        member._value_ = slug
        member.label = label
        return member

    PRODUCT = "product", gettext_noop("Product")
    LISTING = "listing", gettext_noop("Listing")
    DELIVERY = "delivery", gettext_noop("Delivery")
    BUYER = "buyer", gettext_noop("Buyer")
    UNKNOWN = "unknown", gettext_noop("Unknown")

    @property
    def counts(self) -> bool:
        """Whether an event of this cause counts."""
        return self in COUNTING_CAUSES


COUNTING_CAUSES = frozenset({Cause.PRODUCT, Cause.LISTING})


class Reason(StrEnum):
    """A normal reason: its value is stored, its label shown, its cause decides whether it counts."""

    label: str
    cause: Cause

    def __new__(cls, slug: str, label: str = "", cause: Cause = Cause.UNKNOWN) -> Reason:
        """Give the member its label and cause; `Reason(slug)` finds it."""
        member = str.__new__(cls, slug)
        member._value_ = slug
        member.label = label
        member.cause = cause
        return member

    DEFECTIVE = "defective", gettext_noop("Defective"), Cause.PRODUCT
    POOR_QUALITY = "poor_quality", gettext_noop("Poor quality"), Cause.PRODUCT
    DAMAGED = "damaged", gettext_noop("Damaged"), Cause.PRODUCT
    MISSING_PARTS = "missing_parts", gettext_noop("Missing parts"), Cause.PRODUCT
    WRONG_ITEM = "wrong_item", gettext_noop("Wrong item"), Cause.PRODUCT
    MISLABELLED = "mislabelled", gettext_noop("Mislabeled"), Cause.PRODUCT
    EXPIRED = "expired", gettext_noop("Expired"), Cause.PRODUCT
    USED_SOLD_AS_NEW = "used_sold_as_new", gettext_noop("Used sold as new"), Cause.PRODUCT
    COUNTERFEIT_SUSPECTED = "counterfeit_suspected", gettext_noop("Suspected counterfeit"), Cause.PRODUCT
    SAFETY = "safety", gettext_noop("Safety"), Cause.PRODUCT
    NOT_COMPATIBLE = "not_compatible", gettext_noop("Not compatible"), Cause.PRODUCT
    NOT_AS_DESCRIBED = "not_as_described", gettext_noop("Not as described"), Cause.LISTING
    INACCURATE_PAGE = "inaccurate_page", gettext_noop("Inaccurate product page"), Cause.LISTING
    INCOMPLETE_PAGE = "incomplete_page", gettext_noop("Incomplete product page"), Cause.LISTING
    TOO_SMALL = "too_small", gettext_noop("Too small"), Cause.LISTING
    TOO_LARGE = "too_large", gettext_noop("Too large"), Cause.LISTING
    STYLE_DIFFERS = "style_differs", gettext_noop("Style or fit differs"), Cause.LISTING
    COLOR_DIFFERS = "color_differs", gettext_noop("Color differs"), Cause.LISTING
    LATE_DELIVERY = "late_delivery", gettext_noop("Late delivery"), Cause.DELIVERY
    NEVER_ARRIVED = "never_arrived", gettext_noop("Never arrived"), Cause.DELIVERY
    CARRIER_DAMAGE = "carrier_damage", gettext_noop("Damaged by the carrier"), Cause.DELIVERY
    UNDELIVERABLE = "undeliverable", gettext_noop("Undeliverable"), Cause.DELIVERY
    REFUSED = "refused", gettext_noop("Refused at the door"), Cause.DELIVERY
    CHANGED_MIND = "changed_mind", gettext_noop("Changed their mind"), Cause.BUYER
    ORDERED_BY_MISTAKE = "ordered_by_mistake", gettext_noop("Ordered by mistake"), Cause.BUYER
    BETTER_PRICE = "better_price", gettext_noop("Found a better price"), Cause.BUYER
    NO_LONGER_NEEDED = "no_longer_needed", gettext_noop("No longer needed"), Cause.BUYER
    UNAUTHORIZED = "unauthorized", gettext_noop("Unauthorized purchase"), Cause.BUYER
    UNSPECIFIED = "unspecified", gettext_noop("Unspecified"), Cause.UNKNOWN


_REPORT_PREFIXES = re.compile(r"^(?:CR_|AMZ_PG_)+")


@lru_cache(maxsize=4096)
def normalize_code(raw: str) -> str:
    """A code in the one form in which codes are compared.

    Trimmed, upper case, '-' and space as '_' (FORMATS 3); the prefixes 'CR-' and 'AMZ-PG-',
    which some reports put before the same codes, are taken off. 'cr-switcheroo ' becomes
    'SWITCHEROO', 'AMZ-PG-BAD-DESC' becomes 'BAD_DESC', '' stays ''.
    """
    code = raw.strip().upper().replace("-", "_").replace(" ", "_")
    return _REPORT_PREFIXES.sub("", code)


def normalize_source(raw: str) -> str:
    """A source in the one form in which sources are compared: trimmed, lower case."""
    return raw.strip().lower()


Row = tuple[str, str, Reason | str]


class CodeTable:
    """The editable table (source, raw code) -> normal reason, ready for fast lookups.

    A row's source is '*' for all sources. A row whose code ends with '*' is a prefix row: it
    answers for every code that begins so and has no row of its own; the longest prefix wins.
    Order of a lookup: the source's own rows (exact, then prefix), the rows for all sources
    (exact, then prefix), then the normal reasons' own names, which are codes in every source.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        """Raise ValueError on an unknown reason, or on two rows that contradict each other."""
        self._exact: dict[str, dict[str, Reason]] = {}
        self._prefixes: dict[str, dict[str, Reason]] = {}
        for source, code, reason in rows:
            self._add(normalize_source(source), normalize_code(code), Reason(reason))
        self._answers: dict[tuple[str, str], Reason | None] = {}
        self.digest = self._digest()

    def _add(self, source: str, code: str, reason: Reason) -> None:
        by_source = self._prefixes if code.endswith("*") else self._exact
        known = by_source.setdefault(source, {}).setdefault(code.rstrip("*"), reason)
        if known is not reason:
            raise ValueError(f"code {code!r} of source {source!r} is mapped to both {known} and {reason}")

    def lookup(self, source: str, raw: str) -> Reason | None:
        """The normal reason of a raw code; UNSPECIFIED when it is blank, None when the table lacks it."""
        key = (source, raw)
        try:
            return self._answers[key]
        except KeyError:
            pass
        if len(self._answers) >= MOST_ANSWERS_KEPT:
            self._answers.clear()
        reason = self._answers[key] = self._find(normalize_source(source), normalize_code(raw))
        return reason

    def _find(self, source: str, code: str) -> Reason | None:
        if not code:
            return Reason.UNSPECIFIED
        for rows_of in (source, ALL_SOURCES):
            reason = self._exact.get(rows_of, {}).get(code) or self._by_prefix(rows_of, code)
            if reason:
                return reason
        return OWN_NAMES.get(code)

    def _by_prefix(self, source: str, code: str) -> Reason | None:
        prefixes = self._prefixes.get(source, {})
        longest = max((prefix for prefix in prefixes if code.startswith(prefix)), key=len, default=None)
        return None if longest is None else prefixes[longest]

    def _digest(self) -> str:
        """16 hex digits that change whenever any row changes, whatever the order of the rows."""
        rows = [
            (source, code + mark, reason.value)
            for mark, by_source in (("", self._exact), ("*", self._prefixes))
            for source, codes in by_source.items()
            for code, reason in codes.items()
        ]
        return hashlib.sha256(repr(sorted(rows)).encode()).hexdigest()[:16]


# A file with a million distinct codes must not fill the memory.
MOST_ANSWERS_KEPT = 100_000

# Every normal reason's own name is a code for itself in every source.
OWN_NAMES = {normalize_code(reason.value): reason for reason in Reason}

_CODES: dict[Reason, str] = {
    Reason.DEFECTIVE: """
        DEFECTIVE DEFECTIVE_ITEM BAD_ITEM WARRANTY JEWELRY_BAD_CLASP JEWELRY_BATTERY JEWELRY_LOOSE_STONE
        """,
    Reason.POOR_QUALITY: """
        QUALITY_UNACCEPTABLE BAD_QUALITY EXCESSIVE_INSTALLATION JEWELRY_TARNISHED
        """,
    Reason.DAMAGED: "DAMAGED DAMAGED_BY_FC ARRIVED_DAMAGED DAMAGED_ON_ARRIVAL DAMAGED_ITEM",
    Reason.MISSING_PARTS: "MISSING_PARTS MISSING_ITEM INCOMPLETE_ITEM JEWELRY_NO_CERT JEWELRY_NO_DOCS",
    Reason.WRONG_ITEM: """
        SWITCHEROO EXTRA_ITEM WRONG_ITEM WRONG_ITEM_SENT ORDERED_DIFFERENT_ITEM DIFFERENT_PRODUCT
        """,
    Reason.MISLABELLED: "MISLABELED WRONG_LABEL MISCATEGORIZED",
    Reason.EXPIRED: "EXPIRED EXPIRED_ITEM PRODUCT_EXPIRED",
    Reason.USED_SOLD_AS_NEW: "USED_SOLD_AS_NEW USED_ITEM",
    Reason.COUNTERFEIT_SUSPECTED: "FAKE_OR_COUNTERFEIT COUNTERFEIT NOT_AUTHENTIC",
    Reason.SAFETY: "SAFETY UNSAFE SAFETY_ISSUE",
    Reason.NOT_COMPATIBLE: "NOT_COMPATIBLE PART_NOT_COMPATIBLE DOES_NOT_FIT",
    Reason.NOT_AS_DESCRIBED: "NOT_AS_DESCRIBED NOT_AS_EXPECTED DIFFERENT_FROM_LISTING",
    Reason.INACCURATE_PAGE: """
        BAD_DESC INACCURATE_DESCRIPTION NOT_AS_PHOTO NOT_AS_PICTURED PRODUCT_NOT_ITALIAN PRODUCT_NOT_SPANISH
        """,
    Reason.INCOMPLETE_PAGE: "INCOMPLETE_DESCRIPTION",
    Reason.TOO_SMALL: """
        APPAREL_TOO_SMALL APP_TOO_SMALL WJ_TOO_SMALL JEWELRY_TOO_SMALL SIZE_TOO_SMALL
        """,
    Reason.TOO_LARGE: """
        APPAREL_TOO_LARGE APP_TOO_LARGE WJ_TOO_LARGE JEWELRY_TOO_LARGE SIZE_TOO_LARGE TOO_BIG
        """,
    Reason.STYLE_DIFFERS: "APPAREL_STYLE APP_STYLE STYLE DID_NOT_LIKE_FABRIC POOR_FIT WRONG_SIZE",
    Reason.COLOR_DIFFERS: "DID_NOT_LIKE_COLOR COLOR",
    Reason.LATE_DELIVERY: """
        MISSED_ESTIMATED_DELIVERY ARRIVED_LATE ARRIVED_TOO_LATE TOO_LATE APP_TOO_LATE
        """,
    Reason.NEVER_ARRIVED: """
        NEVER_ARRIVED ITEM_NOT_RECEIVED NOT_RECEIVED LOST_IN_TRANSIT OUT_OF_STOCK
        """,
    Reason.CARRIER_DAMAGE: """
        DAMAGED_BY_CARRIER CARRIER_DAMAGED DAMAGED_IN_TRANSIT DAMAGED_DURING_SHIPPING
        """,
    Reason.UNDELIVERABLE: """
        UNDELIVERABLE UNDELIVERABLE_* UND_* BUYER_NO_SHOW BUYER_NOT_SCHEDULED VALET_DELIVERY_ISSUES
        VALET_UNAVAILABLE
        """,
    Reason.REFUSED: "REFUSED UNDELIVERABLE_REFUSED UND_REFUSED BUYER_REFUSED_TO_PICKUP",
    Reason.CHANGED_MIND: """
        BUYER_CANCEL_ORDER BUYER_REMORSE WITHDRAW_FROM_PURCHASE_CONTRACT
        """,
    Reason.ORDERED_BY_MISTAKE: "MISORDERED ORDERED_WRONG_ITEM ORDERED_ACCIDENTALLY ACCIDENTAL_ORDER",
    Reason.BETTER_PRICE: "FOUND_BETTER_PRICE BETTER_PRICE_AVAILABLE",
    Reason.NO_LONGER_NEEDED: "UNWANTED_ITEM UNWANTED NO_LONGER_NEED_ITEM RETURNING_GIFT GIFT_RETURN",
    Reason.UNAUTHORIZED: "UNAUTHORIZED_PURCHASE UNAUTHORISED_PURCHASE",
    Reason.UNSPECIFIED: "NO_REASON_GIVEN NO_REASON UNKNOWN_OTHER_REASON OTHER UNKNOWN IN_STORE_RETURN",
}

# The table as first filled, (source, code, reason); operators change it from there.
FIRST_FILLING: list[tuple[str, str, Reason]] = [
    (ALL_SOURCES, code, reason) for reason, codes in _CODES.items() for code in codes.split()
]
