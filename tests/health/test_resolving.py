"""Resolve issue: the steps, what a draft needs, and what confirming does (PRODUCT D4, D7, C7)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from time_machine import travel

from health.bands import Band
from health.cases import Fix, current_case, next_closed
from health.models import Notification, OfferHealth, ResolutionCase
from health.resolving import drop_case, open_case, save_fix, save_review
from offers.image_actions import ImageRefused
from offers.lifecycle import Status
from offers.models import Offer, OfferStatusChange, RemovalOrder, Role
from tests.factories import A_DAY, MarketplaceFactory, MembershipFactory, UserFactory
from tests.health.closed_offers import (
    LISTING,
    NOON,
    OTHER,
    REMEDY,
    at_risk_offer,
    close,
    closed_offer,
    everything,
    finish,
    ready,
    refusal,
    reviewed,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with travel(NOON, tick=False):
        yield


@pytest.fixture
def seller() -> Any:
    return UserFactory(first_name="Ana")


def test_d4_confirming_edits_the_listing_asks_for_the_removal_and_relists(seller: Any) -> None:
    offer = closed_offer()
    done = finish(ready(offer, seller), seller)
    offer.refresh_from_db()
    assert (offer.status, offer.relisted_on, offer.title) == (Status.LIVE, NOON.date(), LISTING["title"])
    assert (done.state, done.confirmed_at, done.kind) == ("done", NOON, "relist")
    assert done.reference == f"RL-20240317-{done.pk:04d}"
    assert done.relist
    assert (done.relist.move, done.relist.by, done.relist.at) == ("relist", seller, NOON)
    assert done.removal
    assert (done.removal.quantity, done.removal.kind, done.removal.by) == (5, "return", seller)
    assert done.revision
    assert (done.revision.number, done.revision.by, done.revision.source) == (2, seller, "seller")
    assert OfferHealth.objects.get(pk=offer.pk).recovering
    assert not Notification.objects.exists()


def test_d4_what_was_done_and_forecast_is_frozen(seller: Any) -> None:
    offer = closed_offer()
    summary = ResolutionCase.objects.get(pk=finish(ready(offer, seller), seller).pk).summary
    assert summary["listing"] == {
        "fields": ["title"],
        "before": {"title": "Gooseneck kettle, 1.7 L"},
        "after": LISTING,
    }
    order = RemovalOrder.objects.get()
    assert summary["removal"] == {"reference": order.reference, "kind": "return", "quantity": 5}
    assert [(theme["key"], theme["orders"], theme["cause"]) for theme in summary["themes"]] == [
        ("defective:lid-leak", 5, "product"),
        ("inaccurate_page:hold", 3, "product"),
    ]
    assert (summary["stock_left"], summary["nothing_to_sell"]) == (15, False)
    assert (summary["remedy"], summary["closed_on"]) == ("", "2024-03-16")
    assert summary["grace"] == {"days": 14, "orders": 30}
    ahead = summary["forecast"]
    assert (ahead["orders"], ahead["ncx_orders"], ahead["rate"], ahead["typical"]) == (40, 8, 0.2, 0.05)
    assert ahead["from_relist"] is True
    assert ahead["weeks_clean"] <= ahead["weeks_usual"]
    assert len(ahead["ahead"]) == 60 // 7
    assert all(clean <= usual for clean, usual in ahead["ahead"])


def test_d4_a_statement_of_another_remedy_is_enough(seller: Any) -> None:
    case = ready(closed_offer(), seller, fixes=OTHER, remedy=f" {REMEDY} ")
    done = finish(case, seller)
    assert (done.summary["remedy"], done.revision, done.removal) == (REMEDY, None, None)
    assert done.summary["listing"] == done.summary["removal"] == {}
    assert Offer.objects.get(pk=done.offer_id).status == Status.LIVE


def test_a_draft_is_found_again_and_can_be_thrown_away(seller: Any) -> None:
    offer = closed_offer()
    assert current_case(offer_id=offer.pk, by=seller) is None
    case = open_case(offer_id=offer.pk, by=seller)
    assert open_case(offer_id=offer.pk, by=seller) == current_case(offer_id=offer.pk, by=seller) == case
    for _ in range(2):
        drop_case(case_id=case.pk, by=seller)
    assert current_case(offer_id=offer.pk, by=seller) is None
    assert open_case(offer_id=offer.pk, by=seller).pk != case.pk


def test_d4_every_theme_has_to_be_read_and_its_orders_are_ours_to_say(seller: Any) -> None:
    case = open_case(offer_id=closed_offer().pk, by=seller)
    said = {"case_id": case.pk, "by": seller, "seen_version": 1}
    one: list[dict[str, Any]] = [{"key": "defective:lid-leak", "orders": 500, "cause": "product"}]
    assert refusal(lambda: save_review(**said, themes=one)) == (
        "not_reviewed",
        {"missing": ["inaccurate_page:hold"]},
    )
    both: list[dict[str, Any]] = [
        *one,
        {"key": "inaccurate_page:hold"},
        {"key": "of another window", "cause": ""},
    ]
    saved = save_review(**said, themes=both)
    assert [(theme["orders"], theme["cause"]) for theme in saved.themes] == [(5, "product"), (3, "")]
    assert (saved.version, saved.reviewed_at) == (2, NOON)
    with pytest.raises(ValueError, match="no likely cause"):
        save_review(case_id=case.pk, by=seller, seen_version=2, themes=[{"key": "a", "cause": "<b>"}])


@pytest.mark.parametrize(
    ("fix", "missing"),
    [
        (Fix(), []),
        (Fix(frozenset({"listing"}), {}), ["listing"]),
        (Fix(frozenset({"listing"}), {"title": "Gooseneck kettle, 1.7 L"}), ["listing"]),
        (Fix(frozenset({"listing", "other"}), LISTING, remedy=" too short \n"), ["other"]),
        (Fix(frozenset({"removal"}), removal_kind="return"), ["removal"]),
        (Fix(frozenset({"removal"}), removal_quantity=3), ["removal"]),
        (Fix(listing=LISTING, remedy=REMEDY), []),
    ],
)
def test_d4_the_second_step_needs_a_real_change_but_a_draft_does_not(
    fix: Fix, missing: list[str], seller: Any
) -> None:
    case = reviewed(open_case(offer_id=closed_offer().pk, by=seller), seller)
    said = {"case_id": case.pk, "by": seller, "seen_version": case.version}
    before = everything()
    assert refusal(lambda: save_fix(**said, fix=fix)) == ("no_change", {"missing": missing})
    assert everything() == before
    values = {
        name: getattr(fix, name)
        for name in ("fixes", "listing", "removal_kind", "removal_quantity", "remedy")
    }
    kept = save_fix(**said, fix=Fix(**values, complete=False))
    assert set(kept.fixes) == set(fix.fixes)
    assert (kept.listing, kept.remedy) == (fix.listing, fix.remedy.strip())
    assert kept.fixed_at is None
    assert refusal(lambda: finish(kept, seller)) == ("no_change", {"missing": missing})


def test_d4_the_steps_have_an_order(seller: Any) -> None:
    case = open_case(offer_id=closed_offer().pk, by=seller)
    fix = Fix(OTHER, remedy=REMEDY)
    said = {"case_id": case.pk, "by": seller, "seen_version": 1}
    assert refusal(lambda: save_fix(**said, fix=fix)) == ("not_reviewed", {"missing": []})
    kept = save_fix(**said, fix=Fix(OTHER, remedy=REMEDY, complete=False))
    assert refusal(lambda: finish(kept, seller))[0] == "not_reviewed"
    case = ready(closed_offer(), seller)
    assert refusal(lambda: finish(case, seller, attested=False)) == ("not_attested", {})


@pytest.mark.parametrize(
    ("fix", "error"),
    [
        (Fix(listing={"status": "LIVE"}), KeyError),
        (Fix(listing={"fulfillment": "seller"}), KeyError),
        (Fix(frozenset({"magic"})), ValueError),
        (Fix(removal_kind="burn"), ValueError),
        (Fix(removal_quantity=-1), ValueError),
        (Fix(remedy="x" * 5001), ValueError),
        (Fix(listing={"images": ["upload:00000000-0000-0000-0000-000000000000"]}), ImageRefused),
    ],
)
def test_what_no_form_can_send_is_refused(fix: Fix, error: type[Exception], seller: Any) -> None:
    case = open_case(offer_id=closed_offer().pk, by=seller)
    with pytest.raises(error):
        save_fix(case_id=case.pk, by=seller, seen_version=1, fix=fix)
    assert ResolutionCase.objects.get(pk=case.pk).version == 1


def test_d7_a_seller_fulfilled_offer_takes_no_removal_even_when_it_is_posted(seller: Any) -> None:
    offer = closed_offer(fulfillment="seller")
    case = reviewed(open_case(offer_id=offer.pk, by=seller), seller)
    for complete in (True, False):
        fix = Fix(frozenset({"removal"}), removal_kind="return", removal_quantity=1, complete=complete)
        said = {"case_id": case.pk, "by": seller, "seen_version": case.version}
        assert refusal(lambda: save_fix(**said, fix=fix)) == ("seller_fulfilled", {})  # noqa: B023 - called at once
    hidden = Fix(OTHER, removal_kind="return", removal_quantity=1, remedy=REMEDY)
    kept = save_fix(case_id=case.pk, by=seller, seen_version=case.version, fix=hidden)
    assert (kept.removal_kind, kept.removal_quantity) == ("", None)
    ResolutionCase.objects.filter(pk=case.pk).update(
        fixes=["removal"], removal_kind="return", removal_quantity=1
    )
    assert refusal(lambda: finish(kept, seller))[0] == "seller_fulfilled"
    assert not RemovalOrder.objects.exists()


@pytest.mark.parametrize(("quantity", "fix"), [(5, {"removal"}), (0, {"other"})])
def test_d7_no_stock_left_is_said_and_no_obstacle(quantity: int, fix: set[str], seller: Any) -> None:
    offer = closed_offer(quantity=quantity)
    case = ready(
        offer, seller, fixes=frozenset(fix), removal_kind="return", removal_quantity=quantity, remedy=REMEDY
    )
    summary = finish(case, seller).summary
    assert (summary["stock_left"], summary["nothing_to_sell"]) == (0, True)
    assert Offer.objects.get(pk=offer.pk).status == Status.LIVE


def test_c7_an_open_offer_at_risk_is_improved_without_a_relist(seller: Any) -> None:
    offer = at_risk_offer()
    case = ready(offer, seller)
    assert (case.kind, case.closure) == ("improve", None)
    done = finish(case, seller)
    offer.refresh_from_db()
    assert (offer.title, offer.status, offer.relisted_on) == (LISTING["title"], Status.LIVE, None)
    assert (done.relist, done.reference) == (None, f"IM-20240317-{done.pk:04d}")
    assert done.removal
    assert done.summary["forecast"]["from_relist"] is False
    assert not OfferStatusChange.objects.exists()


def test_c7_an_open_offer_that_is_not_at_risk_has_nothing_to_resolve(seller: Any) -> None:
    offer = at_risk_offer()
    OfferHealth.objects.update(band=Band.FAIR)
    assert refusal(lambda: open_case(offer_id=offer.pk, by=seller))[0] == "nothing_to_resolve"
    assert not ResolutionCase.objects.exists()


def test_the_sellers_next_closed_offer_is_on_the_same_marketplace_and_the_newest(seller: Any) -> None:
    offer = closed_offer()
    assert next_closed(offer) == (None, 0)
    elsewhere = closed_offer(seller=offer.seller, marketplace=MarketplaceFactory(code="CA"))
    assert next_closed(offer) == (elsewhere, 1)
    older, newer = (at_risk_offer(seller=offer.seller, marketplace=offer.marketplace) for _ in range(2))
    close(older)
    close(newer, days_later=2)
    closed_offer(marketplace=offer.marketplace)
    assert next_closed(offer) == (newer, 3)


def test_a5_resolving_touches_no_account(seller: Any) -> None:
    offer = closed_offer()
    MembershipFactory(user=seller, seller=offer.seller, role=Role.EDITOR)
    seller.refresh_from_db()

    def account() -> list[Any]:
        people = type(seller).objects.order_by("pk").values()
        return [list(people), *(list(model.objects.values()) for model in (type(offer.seller),))]

    before = account()
    finish(ready(offer, seller), seller)
    assert account() == before


def test_the_moment_of_a_confirmation_can_be_given(seller: Any) -> None:
    case, at = ready(closed_offer(), seller), datetime(2024, 3, 16, 2, 0, tzinfo=UTC)
    done = finish(case, seller, at=at)
    assert done.reference == f"RL-20240315-{done.pk:04d}"  # still the evening before in New York
    assert done.relist
    assert done.revision
    assert done.removal
    assert done.relist.on == A_DAY
    assert {done.relist.at, done.revision.at, done.removal.requested_at, done.confirmed_at} == {at}
    assert timedelta(0) < NOON - at
