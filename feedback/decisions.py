"""An operator's decision on one event: it beats code, stars and words (PRODUCT F5, FORMATS 3)."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from feedback.actions import JUDGEMENT_COLUMNS, judgement_values
from feedback.judging import Event
from feedback.models import FeedbackEvent
from feedback.selectors import Judge


class DecisionRefused(ValueError):
    """The event can't be decided like this; the message says why."""


@transaction.atomic
def decide_event(*, event_id: int, counted: bool, by: AbstractBaseUser | None, reason: str) -> FeedbackEvent:
    """Decide that an event counts, or that it does not, with a reason. Counts change at the next recompute.

    Raises DecisionRefused without a reason, and for counting an event that never counts.
    """
    if not reason.strip():
        raise DecisionRefused("Give a reason: the seller will read it.")
    event = FeedbackEvent.objects.select_for_update().get(pk=event_id)
    if counted and event.foreign_order:
        raise DecisionRefused("This event is about another seller's order, so it is never counted.")
    event.decision, event.decision_reason = counted, reason.strip()
    event.decision_by = by  # type: ignore[assignment]  # the settings name the user model
    event.decision_at = timezone.now()
    return _judged_again(event)


@transaction.atomic
def withdraw_decision(*, event_id: int) -> FeedbackEvent:
    """Take a decision back: code, stars and words decide again. Raises DecisionRefused without one."""
    event = FeedbackEvent.objects.select_for_update().get(pk=event_id)
    if event.decision is None:
        raise DecisionRefused("There is no decision on this event.")
    event.decision = event.decision_by = event.decision_at = None
    event.decision_reason = ""
    return _judged_again(event)


def _judged_again(event: FeedbackEvent) -> FeedbackEvent:
    """Judge the event by its decision or, without one, by what it says; and store both."""
    known = Event(
        channel=event.channel,
        reason=event.raw_reason,
        stars=event.stars,
        comment=event.comment,
        source=event.source,
        disposition=event.disposition,
        decision=event.decision,
    )
    for name, value in zip(JUDGEMENT_COLUMNS, judgement_values(Judge(), known), strict=True):
        setattr(event, name, value)
    decided = ("decision", "decision_reason", "decision_by", "decision_at")
    event.save(update_fields=[*decided, *JUDGEMENT_COLUMNS])
    return event
