"""What the database itself refuses to store about policies, nights, health and notices."""

from collections.abc import Callable

import pytest

from health.models import (
    BenchmarkPlacement,
    BenchmarkRefresh,
    ClosureHold,
    HealthPolicy,
    NotificationKind,
    OfferHealth,
    RecomputeRun,
    ResolutionCase,
)
from tests.case_factories import (
    EmailPreferenceFactory,
    NotificationEmailFactory,
    RemovalOrderFactory,
    ResolutionCaseFactory,
    relisting_case,
)
from tests.factories import (
    A_DAY,
    A_MOMENT,
    BenchmarkFactory,
    GridOrderFactory,
    HealthChangeFactory,
    HealthFactory,
    HoldFactory,
    LateNightFactory,
    ListingRevisionFactory,
    MarketplaceFactory,
    NightFactory,
    NotificationFactory,
    OfferFactory,
    OfferStatusChangeFactory,
    PieceFactory,
    PolicyFactory,
    RunFactory,
    SavedViewFactory,
    SummaryFactory,
)
from tests.refusals import BadRows, assert_every_constraint_is_tried, assert_refused

pytestmark = pytest.mark.django_db


def same_health_twice() -> None:
    first = HealthFactory()
    OfferHealth.objects.bulk_create(
        [OfferHealth(offer=first.offer, seller=first.seller, marketplace=first.marketplace)]
    )


def same_refresh_twice() -> None:
    first = BenchmarkFactory()
    BenchmarkFactory(policy=first.policy, as_of=first.as_of)


def place(refresh: BenchmarkRefresh, offer_id: int) -> BenchmarkPlacement:
    numbers = {"window_days": 60, "m": 0.05, "s": 50.0, "w": 200.0, "level": 3, "finest": 3}
    return BenchmarkPlacement.objects.create(
        refresh=refresh, offer_id=offer_id, since=A_DAY, similar_offers=9, **numbers
    )


def same_placement_twice() -> None:
    refresh, offer = BenchmarkFactory(), OfferFactory()
    place(refresh, offer.pk)
    place(refresh, offer.pk)


def same_piece_twice() -> None:
    first = PieceFactory()
    PieceFactory(refresh=first.refresh, number=first.number)


def same_summary_twice() -> None:
    first = SummaryFactory()
    SummaryFactory(marketplace=first.marketplace, seller=first.seller, as_of=first.as_of)


def same_order_twice() -> None:
    first = GridOrderFactory()
    GridOrderFactory(marketplace=first.marketplace, seller=first.seller, sort=first.sort)


def same_change_twice() -> None:
    first = HealthChangeFactory()
    HealthChangeFactory(offer=first.offer, as_of=first.as_of)


def same_notice_twice() -> None:
    change = OfferStatusChangeFactory()
    fields = {"seller": change.offer.seller, "offer": change.offer, "status_change": change}
    NotificationFactory(kind=NotificationKind.CLOSED, **fields)
    NotificationFactory(kind=NotificationKind.CLOSED, **fields)


def same_view_twice() -> None:
    first = SavedViewFactory()
    SavedViewFactory(user=first.user, seller=first.seller, name=first.name)


def same_version_twice() -> None:
    first = PolicyFactory()
    PolicyFactory(marketplace=first.marketplace, state=HealthPolicy.State.DRAFT)


def two_active_policies() -> None:
    PolicyFactory(marketplace=PolicyFactory().marketplace, version=2)


def two_runs_at_work() -> None:
    RunFactory(marketplace=RunFactory().marketplace)


def same_night_twice() -> None:
    first = NightFactory()
    NightFactory(policy=first.policy, as_of=first.as_of)


def two_open_holds() -> None:
    HoldFactory(offer=HoldFactory().offer)


def same_notice_of_a_night_twice() -> None:
    fields = {"offer": OfferFactory(), "kind": NotificationKind.AT_RISK}
    first = NotificationFactory(**fields)
    NotificationFactory(seller=first.seller, **fields)


def same_summary_by_notice_twice() -> None:
    first = NotificationFactory(marketplace=MarketplaceFactory())
    NotificationFactory(seller=first.seller, marketplace=first.marketplace)


def same_email_twice() -> None:
    first = NotificationEmailFactory()
    NotificationEmailFactory(notification=first.notification, user=first.user)


def same_preference_twice() -> None:
    first = EmailPreferenceFactory()
    EmailPreferenceFactory(membership=first.membership, kind=first.kind)


def two_drafts() -> None:
    first = ResolutionCaseFactory()
    ResolutionCaseFactory(offer=first.offer, by=first.by)


def two_cases_of(**fields: object) -> None:
    for _ in range(2):
        improved(**fields)


def improved(**fields: object) -> ResolutionCase:
    given = {"state": "done", "confirmed_at": A_MOMENT, "reference": f"RL-{ResolutionCase.objects.count()}"}
    return ResolutionCaseFactory(**{**given, **fields})


def relisted_twice_by_one_move() -> None:
    relist = OfferStatusChangeFactory()
    for number in (1, 2):
        relisting_case(relist=relist, state="done", confirmed_at=A_MOMENT, reference=f"RL-{number}")


BAD_ROWS: BadRows = {
    "OfferHealth.offer": same_health_twice,
    "health_band_known": lambda: HealthFactory(band=7),
    "health_k_at_most_n": lambda: HealthFactory(orders=1, ncx_orders=2, rate=2.0),
    "health_counts_not_negative": lambda: HealthFactory(n=-1.0),
    "health_rate_needs_orders": lambda: HealthFactory(orders=0, rate=0.0),
    "benchmark_once_a_night": same_refresh_twice,
    "placement_once_per_refresh": same_placement_twice,
    "benchmark_piece_once": same_piece_twice,
    "summary_once_a_night": same_summary_twice,
    "health_change_once_a_night": same_change_twice,
    "health_change_band_known": lambda: HealthChangeFactory(band=7),
    "notification_once_per_move": same_notice_twice,
    "notification_of_move_has_evidence": lambda: NotificationFactory(kind=NotificationKind.CLOSED),
    "saved_view_name_once": same_view_twice,
    "saved_view_named": lambda: SavedViewFactory(name=""),
    "policy_version_once": same_version_twice,
    "policy_one_active": two_active_policies,
    "policy_active_has_moment": lambda: PolicyFactory(activated_at=None),
    "policy_version_from_one": lambda: PolicyFactory(version=0),
    "run_one_at_a_time": two_runs_at_work,
    "run_finished_has_moment": lambda: RunFactory(state=RecomputeRun.State.SUCCEEDED),
    "run_failed_says_why": lambda: RunFactory(state=RecomputeRun.State.FAILED, finished_at=A_MOMENT),
    "night_once": same_night_twice,
    "grid_order_once_for_each_sort": same_order_twice,
    "late_night_once": lambda: [LateNightFactory() for _ in range(2)],
    "closure_hold_one_open": two_open_holds,
    "closure_hold_decided_has_moment": lambda: HoldFactory(state=ClosureHold.State.DROPPED),
    "notification_of_offer_once_a_night": same_notice_of_a_night_twice,
    "notification_weekly_once": same_summary_by_notice_twice,
    "notification_email_once": same_email_twice,
    "notification_email_state_known": lambda: NotificationEmailFactory(state="lost"),
    "notification_email_sent_has_moment": lambda: NotificationEmailFactory(state="sent"),
    "email_preference_once_per_kind": same_preference_twice,
    "email_preference_not_for_closures": lambda: EmailPreferenceFactory(kind=NotificationKind.CLOSED),
    "email_preference_kind_known": lambda: EmailPreferenceFactory(kind="gossip"),
    "ResolutionCase.reference": lambda: two_cases_of(reference="RL-1"),
    "ResolutionCase.relist": relisted_twice_by_one_move,
    "ResolutionCase.removal": lambda: two_cases_of(removal=RemovalOrderFactory()),
    "ResolutionCase.revision": lambda: two_cases_of(revision=ListingRevisionFactory()),
    "case_one_draft_per_person": two_drafts,
    "case_kind_known": lambda: ResolutionCaseFactory(kind="moan"),
    "case_state_known": lambda: ResolutionCaseFactory(state="lost"),
    "case_of_closure_relists": lambda: ResolutionCaseFactory(kind="relist"),
    "case_done_is_confirmed": lambda: ResolutionCaseFactory(state="done"),
    "case_relists_when_done": lambda: relisting_case(state="done", confirmed_at=A_MOMENT, reference="RL-1"),
    "case_changes_nothing_before_done": lambda: ResolutionCaseFactory(removal=RemovalOrderFactory()),
    "case_removal_kind_known": lambda: ResolutionCaseFactory(removal_kind="gift"),
    "case_removal_of_one_at_least": lambda: ResolutionCaseFactory(removal_quantity=0),
}


def test_every_constraint_of_health_is_tried_by_a_bad_row() -> None:
    assert_every_constraint_is_tried("health", BAD_ROWS)


@pytest.mark.parametrize("name", sorted(BAD_ROWS))
def test_the_database_refuses_what_breaks(name: str) -> None:
    assert_refused("health", name, BAD_ROWS)


@pytest.mark.parametrize(
    ("name", "make", "bad"),
    [
        ("health_band_known", HealthFactory, {"proposed": 7}),
        ("health_counts_not_negative", HealthFactory, {"k": -0.25}),
        ("health_rate_needs_orders", HealthFactory, {"orders": 3, "rate": None}),
        ("health_change_band_known", HealthChangeFactory, {"proposed": 7}),
        ("run_finished_has_moment", RunFactory, {"finished_at": A_MOMENT}),
        ("closure_hold_decided_has_moment", HoldFactory, {"decided_at": A_MOMENT}),
        ("case_done_is_confirmed", ResolutionCaseFactory, {"reference": "RL-1"}),
        ("case_of_closure_relists", relisting_case, {"kind": "improve"}),
        ("notification_email_sent_has_moment", NotificationEmailFactory, {"sent_at": A_MOMENT}),
    ],
)
def test_the_other_side_of(name: str, make: Callable[..., object], bad: dict[str, object]) -> None:
    assert_refused("health", name, {name: lambda: make(**bad)})


def test_e2_an_ended_run_leaves_room_for_the_next() -> None:
    first = RunFactory(state=RecomputeRun.State.SUCCEEDED, finished_at=A_MOMENT)
    assert RunFactory(marketplace=first.marketplace).pk != first.pk


def test_an_offer_may_be_held_again_after_a_decision() -> None:
    first = HoldFactory(state=ClosureHold.State.DROPPED, decided_at=A_MOMENT)
    assert HoldFactory(offer=first.offer).pk != first.pk
