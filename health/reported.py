"""What customers wrote about the orders behind a closure, as they are known to its frozen evidence."""

from datetime import date
from typing import Any, Final

from django.db.models import Q

from feedback.models import FeedbackEvent

_MOST_LINES: Final = 500
_READ: Final = 60


def reported(evidence: dict[str, Any], most: int) -> list[FeedbackEvent]:
    """The newest comments on the closure's NCX orders, those with its main reason first, no words twice.

    Which orders and up to which day is frozen; the comments themselves are not, so that one which a
    customer has had erased is quoted nowhere. One that an operator decided against later stays: the
    notice tells why the offer was closed then.
    """
    lines = list(evidence.get("order_lines", []))[:_MOST_LINES]
    if not lines:
        return []
    known = FeedbackEvent.objects.filter(
        Q(counted=True) | Q(decision=False),
        order_line_id__in=lines,
        occurred_on__lte=date.fromisoformat(evidence["as_of"]),
    ).exclude(comment="")
    newest = list(known.order_by("-occurred_on", "-pk")[:_READ])
    main = main_reason(evidence)[0]
    newest.sort(key=lambda event: event.reason != main)
    by_words: dict[str, FeedbackEvent] = {}
    for event in newest:
        by_words.setdefault(" ".join(event.comment.casefold().split()), event)
    return list(by_words.values())[:most]


def main_reason(evidence: dict[str, Any]) -> tuple[str, int]:
    """The reason of most NCX orders and how many; "" and 0 for none."""
    reasons = evidence.get("reasons") or {}
    if not reasons:
        return evidence.get("top_reason", ""), int(evidence.get("top_reason_orders", 0))
    # Stored as JSON, whose keys may come back in another order.
    first = min(reasons.items(), key=lambda item: (-item[1], item[0]))
    return str(first[0]), int(first[1])
