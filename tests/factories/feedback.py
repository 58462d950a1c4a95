"""Rows of feedback."""

from factory.django import DjangoModelFactory

from feedback.models import FeedbackEvent, ReasonCode
from tests.factories.making import A_DAY, factory, typed
from tests.factories.offers import OrderLineFactory


class _EventFactory(DjangoModelFactory[FeedbackEvent]):
    """A return that counts, attached to an order line of its own: `EventFactory(order_line=line)`."""

    class Meta:
        model = FeedbackEvent

    order_line = factory.SubFactory(OrderLineFactory)
    offer = factory.LazyAttribute(lambda made: made.order_line and made.order_line.offer)
    marketplace = factory.LazyAttribute(lambda made: made.offer.marketplace)
    seller = factory.LazyAttribute(lambda made: made.offer.seller)
    channel = "return"
    event_id = factory.Sequence(lambda number: f"E-{number:06}")
    order_ref = factory.LazyAttribute(
        lambda made: made.order_line.order_ref if made.order_line else "O-waiting"
    )
    sku = factory.LazyAttribute(lambda made: made.offer.sku if made.offer else "")
    raw_reason = "DEFECTIVE"
    stars = factory.LazyAttribute(lambda made: 1 if made.channel == "review" else None)
    occurred_on = A_DAY
    comment = "It leaks."
    counted = True
    cause = FeedbackEvent.Cause.PRODUCT
    reason = "defective"
    judged_by = FeedbackEvent.JudgedBy.CODE


EventFactory = typed(_EventFactory)


class _ReasonCodeFactory(DjangoModelFactory[ReasonCode]):
    class Meta:
        model = ReasonCode
        django_get_or_create = ("source", "code")

    source = "*"
    code = factory.Sequence(lambda number: f"CODE_{number}")
    reason = "defective"


ReasonCodeFactory = typed(_ReasonCodeFactory)
