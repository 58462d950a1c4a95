"""An operator's decision on one event: it beats code, stars and words (PRODUCT F5, FORMATS 3)."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from feedback.judging import Event, Judgement, judge, judging_version
from feedback.models import FeedbackEvent
from feedback.reason_table import code_table
from feedback.words import WORDS

_LONGEST_MATCH = 100


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
    table = code_table()
    known = Event(
        channel=event.channel,
        reason=event.raw_reason,
        stars=event.stars,
        comment=event.comment,
        source=event.source,
        disposition=event.disposition,
        decision=event.decision,
    )
    _set_judgement(event, judge(known, table, WORDS))
    event.judged_version = judging_version(table, WORDS)
    event.save(
        update_fields=[
            *("decision", "decision_reason", "decision_by", "decision_at"),
            *("counted", "cause", "reason", "judged_by", "judged_on", "judged_version"),
        ]
    )
    return event


def _set_judgement(event: FeedbackEvent, judgement: Judgement) -> None:
    event.counted = judgement.counted and not event.foreign_order
    event.cause, event.reason = judgement.cause, judgement.reason
    event.judged_by, event.judged_on = judgement.by, judgement.matched[:_LONGEST_MATCH]
