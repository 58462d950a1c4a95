"""Versions of a policy: drafted, edited, activated with a reason, kept (PRODUCT F2)."""

from collections.abc import Callable

import pytest

from health.models import HealthPolicy
from health.policy import Policy
from health.policy_actions import (
    NumberChange,
    PolicyRefused,
    activate,
    activate_first_policy,
    changes_by,
    create_draft,
    discard_draft,
    edit_draft,
    number_changes,
)
from tests.factories import MarketplaceFactory, PolicyFactory, UserFactory

pytestmark = pytest.mark.django_db
State = HealthPolicy.State


def states() -> list[tuple[int, str]]:
    return list(HealthPolicy.objects.order_by("version").values_list("version", "state"))


def test_f2_the_first_policy_is_active_at_once_with_the_methods_numbers() -> None:
    first = activate_first_policy(marketplace=MarketplaceFactory(), by=None)
    first.refresh_from_db()
    assert (first.version, first.state, first.numbers) == (1, State.ACTIVE, {})
    assert first.policy == Policy()
    assert first.reason
    assert first.activated_at is not None


def test_f2_a_second_first_policy_is_refused() -> None:
    marketplace = PolicyFactory().marketplace
    with pytest.raises(PolicyRefused, match="US has policy versions already"):
        activate_first_policy(marketplace=marketplace)
    assert states() == [(1, State.ACTIVE)]


def test_f2_a_draft_begins_with_the_active_versions_numbers() -> None:
    operator, active = UserFactory(is_staff=True), PolicyFactory(numbers={"close_min_n": 12})
    PolicyFactory(marketplace=active.marketplace, version=2, state=State.RETIRED, numbers={"close_min_n": 99})
    draft = create_draft(marketplace=active.marketplace, by=operator)
    draft.refresh_from_db()
    assert (draft.version, draft.state, draft.numbers) == (3, State.DRAFT, {"close_min_n": 12})
    assert (draft.created_by, draft.activated_at) == (operator, None)


def test_f2_a_draft_can_be_made_before_the_first_version_and_for_each_marketplace_apart() -> None:
    PolicyFactory(numbers={"close_min_n": 12})
    draft = create_draft(marketplace=MarketplaceFactory(code="CA"), by=None)
    assert (draft.version, draft.numbers) == (1, {})


def test_f2_activating_a_draft_retires_the_version_before_it_and_keeps_who_and_why() -> None:
    operator, active = UserFactory(is_staff=True), PolicyFactory()
    elsewhere = PolicyFactory(marketplace=MarketplaceFactory(code="CA"))
    draft = create_draft(marketplace=active.marketplace, by=operator, numbers={"closing_enabled": False})
    activated = activate(policy_id=draft.pk, by=operator, reason="  No closing over the holidays.  ")
    activated.refresh_from_db()
    active.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (active.state, activated.state, elsewhere.state) == (State.RETIRED, State.ACTIVE, State.ACTIVE)
    assert (activated.activated_by, activated.reason) == (operator, "No closing over the holidays.")
    assert activated.activated_at is not None
    assert active.activated_at is not None  # when it began stays known


def test_f2_activating_needs_a_reason() -> None:
    draft = create_draft(marketplace=PolicyFactory().marketplace, by=None)
    with pytest.raises(PolicyRefused, match="Give a reason"):
        activate(policy_id=draft.pk, by=None, reason=" \n")
    assert states() == [(1, State.ACTIVE), (2, State.DRAFT)]


@pytest.mark.parametrize("state", [State.ACTIVE, State.RETIRED])
def test_f2_only_a_draft_is_edited_activated_or_deleted(state: str) -> None:
    version = PolicyFactory(state=state)
    attempts: tuple[Callable[[], object], ...] = (
        lambda: edit_draft(policy_id=version.pk, numbers={"close_min_n": 12}, reason="Stricter."),
        lambda: activate(policy_id=version.pk, by=None, reason="Again."),
        lambda: discard_draft(policy_id=version.pk),
    )
    for attempt in attempts:
        with pytest.raises(PolicyRefused, match="draft"):
            attempt()
    version.refresh_from_db()
    assert (version.state, version.numbers, version.reason) == (state, {}, "")


def test_f2_a_draft_is_edited_and_deleted() -> None:
    draft = create_draft(marketplace=PolicyFactory().marketplace, by=None)
    edit_draft(policy_id=draft.pk, numbers={"close_min_n": 12}, reason="Stricter.")
    draft.refresh_from_db()
    assert (draft.numbers, draft.reason, draft.state) == ({"close_min_n": 12}, "Stricter.", State.DRAFT)
    discard_draft(policy_id=draft.pk)
    assert states() == [(1, State.ACTIVE)]


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"close_min_m": 12}, "close_min_m: a policy has no such field"),
        ({"poor_gate": 1.0}, "poor_gate is 1.0"),
        ({"long_window_days": 20}, "short_window_days"),
        ({"close_min_n": "12"}, "whole number"),
        ([12], "Give the numbers as an object"),
    ],
)
def test_f2_numbers_that_the_method_cannot_use_are_refused_in_words(numbers: object, said: str) -> None:
    marketplace = PolicyFactory().marketplace
    draft = create_draft(marketplace=marketplace, by=None)
    with pytest.raises(PolicyRefused, match=said):
        create_draft(marketplace=marketplace, by=None, numbers=numbers)  # type: ignore[arg-type]
    with pytest.raises(PolicyRefused, match=said):
        edit_draft(policy_id=draft.pk, numbers=numbers, reason="")  # type: ignore[arg-type]
    assert HealthPolicy.objects.count() == 2


def test_f2_a_draft_whose_numbers_became_impossible_is_not_activated() -> None:
    draft = PolicyFactory(version=2, state=State.DRAFT, activated_at=None, numbers={"gone": 1})
    with pytest.raises(PolicyRefused, match="gone"):
        activate(policy_id=draft.pk, by=None, reason="Try.")
    draft.refresh_from_db()
    assert draft.state == State.DRAFT


def test_f2_what_a_version_changes_is_listed_against_the_active_one() -> None:
    active = PolicyFactory(numbers={"close_min_n": 12, "kappa": 50.0})
    draft = create_draft(
        marketplace=active.marketplace, by=None, numbers={"close_min_n": 15, "closing_enabled": False}
    )
    assert changes_by(draft) == [
        NumberChange("kappa", 50.0, 100.0),
        NumberChange("closing_enabled", True, False),
        NumberChange("close_min_n", 12, 15),
    ]
    assert number_changes(Policy(), Policy(kappa=100)) == []


def test_f2_before_the_first_version_changes_are_listed_against_the_methods_numbers() -> None:
    draft = create_draft(marketplace=MarketplaceFactory(), by=None, numbers={"close_nights": 4})
    assert changes_by(draft) == [NumberChange("close_nights", 3, 4)]
