"""Operators at work on health: offers' moves, held closures, policies, a night by hand (F1, F2, D10, E1)."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.admin.models import LogEntry
from kombu.exceptions import ChannelError, OperationalError
from time_machine import travel

from health.models import ClosureHold, HealthPolicy, Night, Notification, OfferHealth, RecomputeRun
from health.policy_actions import PolicyRefused
from health.tasks import recompute_marketplace
from offers.lifecycle import Status
from offers.models import Marketplace, Offer, OfferStatusChange
from tests.factories import (
    A_DAY,
    HealthFactory,
    HoldFactory,
    MarketplaceFactory,
    NightFactory,
    OfferFactory,
    OfferStatusChangeFactory,
    PolicyFactory,
    RunFactory,
    UserFactory,
)
from tests.operators import act, operator, page_of, said, staff, sure

pytestmark = pytest.mark.django_db


def offer_in(status: Status) -> Offer:
    dates = {Status.CLOSED: {"last_closed_on": A_DAY}, Status.LISTING_DELETED: {"deleted_on": A_DAY}}
    offer = OfferFactory(status=status, **dates.get(status, {}))
    HealthFactory(offer=offer)
    if status == Status.CLOSED:
        OfferStatusChangeFactory(offer=offer, on=A_DAY)
    return offer


def status(offer: Offer) -> str:
    return Offer.objects.values_list("status", flat=True).get(pk=offer.pk)


def test_d10_an_operator_closes_by_hand_with_a_reason_after_being_asked() -> None:
    offer, client = offer_in(Status.LIVE), operator()
    asked = act(client, "close", offer)
    page = asked.content.decode()
    assert (asked.status_code, status(offer)) == (200, Status.LIVE)
    assert str(offer) in page
    assert "Nothing else of the seller&#x27;s account is touched" in page.replace("\n", " ")
    assert "This field is required" in act(client, "close", offer, reason=" ").content.decode()
    done = act(client, "close", offer, reason="A recall by the maker.")
    assert (done.status_code, said(done)) == (302, "Close these offers by hand: done for 1.")
    change = OfferStatusChange.objects.get()
    entry = LogEntry.objects.get()
    assert (status(offer), change.reason, change.by) == (Status.CLOSED, "A recall by the maker.", entry.user)
    assert entry.get_change_message() == "Close these offers by hand: A recall by the maker."
    assert Notification.objects.get().kind == "closed"


def test_d10_an_operator_lifts_a_closure_with_a_reason() -> None:
    offer, client = offer_in(Status.CLOSED), operator()
    assert act(client, "lift", offer).status_code == 200
    assert status(offer) == Status.CLOSED
    act(client, "lift", offer, reason="Another shop's parcel.")
    assert status(offer) == Status.LIVE
    assert OfferStatusChange.objects.get(move="close").in_error
    assert Notification.objects.get().kind == "lifted"


def test_b7_an_operator_deletes_a_listing_and_its_row_stays() -> None:
    offer, client = offer_in(Status.CLOSED), operator()
    assert "Their last health and their feedback" in act(client, "delete_listings", offer).content.decode()
    assert status(offer) == Status.CLOSED
    sure(client, "delete_listings", offer)
    assert status(offer) == Status.LISTING_DELETED
    assert OfferHealth.objects.filter(pk=offer.pk).exists()


def test_d5_what_is_not_possible_is_told_by_row_and_the_others_go_on() -> None:
    shut, gone, live = (offer_in(state) for state in (Status.CLOSED, Status.LISTING_DELETED, Status.LIVE))
    done = act(operator(), "close", shut, gone, live, reason="Unsafe.")
    assert said(done).splitlines() == [
        "Close these offers by hand: done for 1.",
        f"{shut}: not possible in its present state.",
        f"{gone}: not possible in its present state.",
    ]
    assert (status(live), LogEntry.objects.count()) == (Status.CLOSED, 1)


@pytest.mark.parametrize(
    ("action", "state", "right"),
    [
        ("close", Status.LIVE, "offers.change_offer"),
        ("lift", Status.CLOSED, "offers.change_offer"),
        ("delete_listings", Status.LIVE, "offers.delete_offer"),
    ],
)
def test_f1_moving_an_offer_needs_its_permission(action: str, state: Status, right: str) -> None:
    offer = offer_in(state)
    others = {"offers.view_offer", "offers.change_offer", "offers.delete_offer"} - {right}
    act(staff(*others), action, offer, reason="No right to.")
    assert status(offer) == state
    act(staff("offers.view_offer", right), action, offer, reason="With the right to.")
    assert status(offer) != state


def waiting(streak: int = 3) -> ClosureHold:
    offer = OfferFactory()
    HealthFactory(offer=offer, as_of=A_DAY, band=6, streak=streak)
    NightFactory(policy=PolicyFactory(marketplace=offer.marketplace), as_of=A_DAY)
    return HoldFactory(offer=offer, as_of=A_DAY, evidence={"orders": 60, "ncx_orders": 20, "window_days": 60})


def test_a_held_closure_is_released_after_being_asked() -> None:
    hold, client = waiting(), operator()
    page = act(client, "release", hold).content.decode()
    assert "20 NCX orders of 60 in 60 days" in page
    assert status(hold.offer) == Status.LIVE
    assert said(sure(client, "release", hold)) == f"{hold.offer}, 2024-03-15: closed."
    assert status(hold.offer) == Status.CLOSED
    assert said(sure(client, "release", hold)).endswith("2024-03-15: somebody else was faster.")


def test_a_released_closure_that_is_not_due_any_more_says_so() -> None:
    hold = waiting(streak=1)
    assert "not closed: the latest night did not ask for it" in said(sure(operator(), "release", hold))
    assert status(hold.offer) == Status.LIVE


def test_a_held_closure_is_dropped() -> None:
    hold = waiting()
    sure(operator(), "drop", hold)
    hold.refresh_from_db()
    assert (hold.state, status(hold.offer)) == ("dropped", Status.LIVE)
    assert hold.decided_by == LogEntry.objects.get().user


@pytest.mark.parametrize("action", ["release", "drop"])
def test_f1_deciding_on_a_held_closure_needs_the_permission(action: str) -> None:
    hold = waiting()
    sure(staff("health.view_closurehold"), action, hold)
    hold.refresh_from_db()
    assert hold.state == "open"
    sure(staff("health.view_closurehold", "health.change_closurehold"), action, hold)
    hold.refresh_from_db()
    assert hold.state != "open"


def draft_of(active: HealthPolicy, **numbers: object) -> HealthPolicy:
    return PolicyFactory(
        marketplace=active.marketplace, version=2, state="draft", activated_at=None, numbers=numbers
    )


def test_f2_a_draft_is_made_from_a_version_edited_and_activated_with_a_reason() -> None:
    active, client = PolicyFactory(numbers={"close_min_n": 12}), operator()
    assert "version 2 is its draft" in said(sure(client, "draft", active))
    draft = HealthPolicy.objects.get(version=2)
    assert (draft.state, draft.numbers) == ("draft", {"close_min_n": 12})
    edit = {"numbers": '{"close_min_n": 15}', "reason": "Stricter."}
    assert client.post(page_of(HealthPolicy, "change", draft.pk), edit).status_code == 302
    page = client.get(page_of(HealthPolicy, "change", draft.pk)).content.decode()
    assert "<li>close_min_n: 12 → 15</li>" in page
    assert "&quot;close_min_k&quot;: 5" in page  # all numbers, also the method's own
    asked = act(client, "activate_drafts", draft).content.decode()
    assert "<li>close_min_n: 12 → 15</li>" in asked
    assert "This field is required" in act(client, "activate_drafts", draft, reason=" ").content.decode()
    act(client, "activate_drafts", draft, reason="Fewer closures of small offers.")
    active.refresh_from_db()
    draft.refresh_from_db()
    assert (active.state, draft.state, draft.reason) == (
        "retired", "active", "Fewer closures of small offers.",
    )  # fmt: skip
    assert draft.activated_by == LogEntry.objects.first().user  # type: ignore[union-attr]


def test_f2_a_new_version_is_drafted_on_its_own_page() -> None:
    active, client = PolicyFactory(), operator()
    fields = {"marketplace": active.marketplace.pk, "numbers": "", "reason": "Try.", "version": "9"}
    added = client.post(page_of(HealthPolicy, "add"), fields)
    assert added.status_code == 302, added.context["errors"]
    draft = HealthPolicy.objects.get(state="draft")
    assert (draft.version, draft.numbers, draft.reason) == (2, {}, "Try.")
    assert draft.created_by == LogEntry.objects.get().user


@pytest.mark.parametrize("state", ["active", "retired"])
def test_f2_only_drafts_are_edited_deleted_or_activated(state: str) -> None:
    version, client = PolicyFactory(state=state), operator()
    before = HealthPolicy.objects.values().get()
    page = page_of(HealthPolicy, "change", version.pk)
    assert client.get(page).status_code == 200
    assert client.post(page, {"numbers": '{"close_min_n": 15}'}).status_code == 403
    assert client.post(page_of(HealthPolicy, "delete", version.pk), {"post": "yes"}).status_code == 403
    assert "is no draft" in said(act(client, "activate_drafts", version, reason="Again."))
    assert HealthPolicy.objects.values().get() == before


def test_f2_a_draft_is_deleted() -> None:
    draft, client = draft_of(PolicyFactory()), operator()
    assert client.post(page_of(HealthPolicy, "delete", draft.pk), {"post": "yes"}).status_code == 302
    assert HealthPolicy.objects.get().state == "active"


@pytest.mark.parametrize(
    ("numbers", "error"),
    [
        ('{"close_min_m": 12}', "a policy has no such field"),
        ('{"poor_gate": 1}', "choose a value from"),
        ("[12]", "Give the numbers as an object"),
        ("{", "Enter a valid JSON"),
        ("7", "Give the numbers as an object"),
    ],
)
def test_f2_impossible_numbers_are_refused_in_words(numbers: str, error: str) -> None:
    draft, client = draft_of(PolicyFactory()), operator()
    answer = client.post(page_of(HealthPolicy, "change", draft.pk), {"numbers": numbers, "reason": ""})
    assert error in str(answer.context["errors"])
    draft.refresh_from_db()
    assert draft.numbers == {}


def test_f2_a_draft_with_numbers_that_became_impossible_can_still_be_looked_at_and_corrected() -> None:
    draft, client = draft_of(PolicyFactory(), gone=1), operator()
    page = page_of(HealthPolicy, "change", draft.pk)
    assert "gone: a policy has no such field" in client.get(page).content.decode()
    assert "gone" in act(client, "activate_drafts", draft).content.decode()
    assert "gone" in said(act(client, "activate_drafts", draft, reason="Try."))
    assert client.post(page, {"numbers": "{}", "reason": ""}).status_code == 302
    draft.refresh_from_db()
    assert (draft.numbers, draft.state) == ({}, "draft")


def test_f2_an_edit_that_comes_too_late_says_so() -> None:
    draft, client = draft_of(PolicyFactory()), operator()
    with patch("health.admin.policies.edit_draft", side_effect=PolicyRefused("Only a draft can be edited.")):
        answer = client.post(page_of(HealthPolicy, "change", draft.pk), {"numbers": "{}", "reason": ""})
    assert (answer.status_code, said(answer)) == (302, "Only a draft can be edited.")


@pytest.mark.parametrize(("action", "right"), [("draft", "add"), ("activate_drafts", "change")])
def test_f2_drafting_and_activating_need_their_permission(action: str, right: str) -> None:
    draft = draft_of(PolicyFactory())
    before = list(HealthPolicy.objects.order_by("pk").values())
    others = {"view", "add", "change", "delete"} - {right}
    act(staff(*(f"health.{other}_healthpolicy" for other in others)), action, draft, reason="No right to.")
    assert list(HealthPolicy.objects.order_by("pk").values()) == before
    act(staff("health.view_healthpolicy", f"health.{right}_healthpolicy"), action, draft, reason="Now.")
    assert list(HealthPolicy.objects.order_by("pk").values()) != before


MORNING = datetime(2024, 3, 18, 12, tzinfo=UTC)
YESTERDAY = date(2024, 3, 17)


def recompute(marketplace: Marketplace, client: Any = None) -> tuple[str, Any]:
    """Press the button with a queue that takes the task; returns what was said, and the call."""
    with patch.object(recompute_marketplace, "delay") as delay, travel(MORNING, tick=False):
        done = act(client or operator(), "recompute_now", marketplace)
    return said(done), delay


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (None, "the night of 2024-03-17 is computed"),
        (YESTERDAY - timedelta(days=1), "the night of 2024-03-17 is computed"),
        (YESTERDAY - timedelta(days=3), "the 3 missed nights from 2024-03-15 to 2024-03-17 are computed"),
        (YESTERDAY - timedelta(days=30), "the 7 missed nights from 2024-03-11 to 2024-03-17 are computed"),
        (YESTERDAY, "no night is missed, so the one of 2024-03-17 is computed again"),
    ],
)
def test_e1_the_button_says_what_is_computed_and_hands_it_to_a_worker(
    last: date | None, expected: str
) -> None:
    policy = PolicyFactory()
    if last:
        NightFactory(policy=policy, as_of=last)
    text, delay = recompute(policy.marketplace)
    assert text.startswith(f"US: {expected}")
    (args, kwargs) = delay.call_args
    assert args == ("US",)
    assert isinstance(kwargs["by"], int)
    json.dumps([args, kwargs])  # a queue carries JSON


def test_e1_without_an_active_policy_the_button_says_so() -> None:
    text, delay = recompute(MarketplaceFactory())
    assert text == "US: US has no active policy. Activate one first."
    assert not delay.called


def test_e2_while_a_run_is_at_work_the_button_starts_no_other() -> None:
    policy = PolicyFactory()
    RunFactory(marketplace=policy.marketplace, as_of=A_DAY, heartbeat_at=MORNING)
    text, delay = recompute(policy.marketplace)
    assert "a run of 2024-03-15 is at work already" in text
    assert not delay.called


def test_e2_a_run_that_died_does_not_keep_the_button_from_starting_another() -> None:
    policy = PolicyFactory()
    RunFactory(marketplace=policy.marketplace, heartbeat_at=MORNING - timedelta(minutes=16))
    assert recompute(policy.marketplace)[1].called


@pytest.mark.parametrize(
    "error", [OperationalError("Connection refused"), ChannelError("Cannot open"), OSError(28, "No space")]
)
def test_e1_a_queue_that_cannot_be_reached_is_told_with_the_command_that_helps(error: Exception) -> None:
    policy = PolicyFactory()
    with patch.object(recompute_marketplace, "delay", side_effect=error), travel(MORNING, tick=False):
        text = said(act(operator(), "recompute_now", policy.marketplace))
    assert "the task queue can't be reached" in text
    assert "nothing was started" in text
    assert "manage.py recompute_health --marketplace US --as-of 2024-03-17 --nights 1" in text


def test_f1_the_button_needs_the_permission_to_change_marketplaces() -> None:
    marketplace = PolicyFactory().marketplace
    assert not recompute(marketplace, staff("offers.view_marketplace"))[1].called
    assert recompute(marketplace, staff("offers.view_marketplace", "offers.change_marketplace"))[1].called


def test_e1_a_night_that_an_operator_asked_for_says_who_and_is_computed_again_when_none_is_missed() -> None:
    policy, person = PolicyFactory(), UserFactory(is_staff=True)
    HealthFactory(offer=OfferFactory(marketplace=policy.marketplace))
    with travel(MORNING, tick=False):
        assert recompute_marketplace("US", by=person.pk) == ["2024-03-17"]
        assert recompute_marketplace("US") == []
        assert recompute_marketplace("US", by=person.pk) == ["2024-03-17"]
    runs = RecomputeRun.objects.values_list("trigger", "by", "state")
    assert list(runs) == [("operator", person.pk, "succeeded")] * 2
    assert Night.objects.get().as_of == YESTERDAY
