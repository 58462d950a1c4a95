"""What others do while somebody resolves an issue, and faults half-way: nothing lost, nothing twice (D5)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from time_machine import travel

from health.actions import close_by_hand, delete_listing, lift_closure, relist
from health.cases import Fix, current_case
from health.models import ResolutionCase
from health.resolving import confirm, drop_case, open_case, save_fix, save_review
from offers.listing_actions import edit_listing
from offers.models import Offer, OfferStatusChange, RemovalOrder
from offers.removal_actions import request_removal
from tests.factories import UserFactory
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
from tests.importing import Importing
from tests.importing import offer as listing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with travel(NOON, tick=False):
        yield


@pytest.fixture
def seller() -> Any:
    return UserFactory(first_name="Ana")


def test_d5_confirming_again_gives_the_first_result(seller: Any) -> None:
    case = ready(closed_offer(), seller)
    first = finish(case, seller)
    before = everything()
    again = finish(case, seller)
    assert (again.pk, again.reference, again.confirmed_at) == (first.pk, first.reference, first.confirmed_at)
    assert everything() == before
    assert OfferStatusChange.objects.filter(move="relist").count() == 1


def test_d5_a_form_from_an_older_draft_changes_nothing(seller: Any) -> None:
    case = ready(closed_offer(), seller)
    before = everything()
    old = {"case_id": case.pk, "by": seller, "seen_version": case.version - 1}
    for act in (
        lambda: save_review(**old, themes=[]),
        lambda: save_fix(**old, fix=Fix(remedy=REMEDY, fixes=OTHER)),
        lambda: save_fix(**old, fix=Fix(complete=False)),
        lambda: confirm(**old, attested=True),
    ):
        assert refusal(act) == ("other_version", {})
    assert everything() == before


def test_a_case_is_its_persons_alone(seller: Any) -> None:
    case, colleague = ready(closed_offer(), seller), UserFactory()
    said = {"case_id": case.pk, "by": colleague, "seen_version": case.version}
    acts: tuple[Callable[[], object], ...] = (
        lambda: save_review(**said, themes=[]),
        lambda: save_fix(**said, fix=Fix(complete=False)),
        lambda: confirm(**said, attested=True),
    )
    for act in acts:
        with pytest.raises(ResolutionCase.DoesNotExist):
            act()
    drop_case(case_id=case.pk, by=colleague)
    assert ResolutionCase.objects.get(pk=case.pk).state == "draft"
    assert current_case(offer_id=case.offer_id, by=colleague) is None
    assert open_case(offer_id=case.offer_id, by=colleague).pk != case.pk


def test_d7_stock_that_was_sold_meanwhile_is_told(seller: Any) -> None:
    offer = closed_offer()
    case = ready(offer, seller, fixes=frozenset({"removal"}), removal_kind="disposal", removal_quantity=20)
    Offer.objects.filter(pk=offer.pk).update(quantity=8)
    before = everything()
    assert refusal(lambda: finish(case, seller)) == ("stock_changed", {"available": 8})
    assert everything() == before
    Offer.objects.filter(pk=offer.pk).update(quantity=0)
    assert refusal(lambda: finish(case, seller)) == ("no_stock", {"available": 0})
    Offer.objects.filter(pk=offer.pk).update(quantity=None)
    assert finish(case, seller).summary["stock_left"] is None


def test_d5_a_listing_that_somebody_changed_meanwhile_has_to_be_looked_at_again(seller: Any) -> None:
    offer, editor = closed_offer(), UserFactory()
    case = ready(offer, seller)
    edit_listing(
        offer_id=offer.pk, values={"brand": "Northlight"}, seen_revision=1, by=editor, source="seller"
    )
    code, said = refusal(lambda: finish(case, seller))
    assert (code, said["who"], said["at"], said["revision"]) == ("listing_changed", editor, NOON, 2)
    seen = Fix(frozenset({"listing"}), dict(LISTING), seen_revision=1)
    old_form = save_fix(case_id=case.pk, by=seller, seen_version=case.version, fix=seen)
    assert refusal(lambda: finish(old_form, seller))[0] == "listing_changed"
    looked = Fix(frozenset({"listing"}), dict(LISTING), seen_revision=2)
    case = save_fix(case_id=case.pk, by=seller, seen_version=old_form.version, fix=looked)
    finish(case, seller)
    offer.refresh_from_db()
    assert (offer.title, offer.brand, offer.revision) == (LISTING["title"], "Northlight", 3)


def test_d5_a_listing_that_an_import_changed_meanwhile_is_told_like_any_other_change(
    seller: Any, tmp_path: Path
) -> None:
    offer = closed_offer()
    case = ready(offer, seller)
    row = listing(offer.sku, seller=offer.seller.code, title="Kettle, as the catalogue has it")
    assert Importing(tmp_path, offer.marketplace).rows(row).changed == 1
    code, said = refusal(lambda: finish(case, seller))
    assert (code, said["source"], said["who"], said["revision"]) == ("listing_changed", "import", None, 2)
    assert Offer.objects.get(pk=offer.pk).title == "Kettle, as the catalogue has it"


def test_d5_a_colleague_who_was_faster_is_named_and_the_draft_is_kept(seller: Any) -> None:
    offer, colleague = closed_offer(), UserFactory()
    case = ready(offer, seller)
    relist(offer_id=offer.pk, by=colleague)
    opened = {"how": "relist", "who": colleague, "at": NOON}
    assert refusal(lambda: finish(case, seller)) == ("not_closed", opened)
    words = Fix(OTHER, remedy="Words that were typed meanwhile.", complete=False)
    assert refusal(lambda: save_fix(case_id=case.pk, by=seller, seen_version=case.version, fix=words)) == (
        "not_closed",
        opened,
    )
    kept = current_case(offer_id=offer.pk, by=seller)
    assert kept
    assert (kept.pk, kept.remedy, kept.state) == (case.pk, "Words that were typed meanwhile.", "draft")
    assert refusal(lambda: open_case(offer_id=offer.pk, by=seller)) == ("not_closed", opened)
    assert not RemovalOrder.objects.exists()


def test_d10_an_offer_that_an_operator_opened_is_not_relisted(seller: Any) -> None:
    offer, operator = closed_offer(), UserFactory(is_staff=True)
    case = ready(offer, seller)
    lift_closure(offer_id=offer.pk, by=operator, reason="Another shop's parcel.")
    code, said = refusal(lambda: finish(case, seller))
    assert (code, said["how"], said["who"]) == ("not_closed", "lift", operator)


def test_b7_a_deleted_listing_has_nothing_to_resolve(seller: Any) -> None:
    offer = closed_offer()
    case = ready(offer, seller)
    delete_listing(offer_id=offer.pk, by=seller)
    deleted = ("deleted", {"who": seller, "at": NOON})
    assert refusal(lambda: finish(case, seller)) == deleted
    assert refusal(lambda: open_case(offer_id=offer.pk, by=seller)) == deleted
    assert refusal(lambda: open_case(offer_id=offer.pk, by=UserFactory())) == deleted


def test_a_draft_of_an_earlier_closure_goes_into_a_new_one_without_its_review(seller: Any) -> None:
    offer = closed_offer()
    old = ready(offer, seller)
    relist(offer_id=offer.pk, by=UserFactory())
    close(offer, days_later=2)
    assert refusal(lambda: finish(old, seller)) == ("not_reviewed", {"missing": []})
    assert current_case(offer_id=offer.pk, by=seller) is None
    new = open_case(offer_id=offer.pk, by=seller)
    old.refresh_from_db()
    assert (old.state, new.pk != old.pk, new.closure_id != old.closure_id) == ("dropped", True, True)
    assert (new.themes, new.reviewed_at, new.fixed_at) == ([], None, None)
    assert (new.listing, new.removal_quantity, new.fixes) == (LISTING, 5, ["listing", "removal"])
    assert new.seen_revision == old.seen_revision
    assert finish(reviewed(new, seller), seller).state == "done"


def test_c7_what_was_begun_as_improving_goes_on_as_resolving_once_the_offer_is_closed(seller: Any) -> None:
    offer = at_risk_offer()
    case = ready(offer, seller)
    close_by_hand(offer_id=offer.pk, by=UserFactory(is_staff=True), reason="Unsafe.")
    assert refusal(lambda: finish(case, seller)) == ("not_reviewed", {"missing": []})
    new = open_case(offer_id=offer.pk, by=seller)
    assert (new.kind, new.listing) == ("relist", LISTING)


def test_c7_a_draft_to_relist_goes_on_as_improving_when_that_is_asked_for(seller: Any) -> None:
    offer = closed_offer()
    draft = ready(offer, seller)
    relist(offer_id=offer.pk, by=None)
    new = open_case(offer_id=offer.pk, by=seller, improve=True)
    draft.refresh_from_db()
    assert (new.kind, new.listing, draft.state) == ("improve", LISTING, "dropped")


def test_what_a_case_asks_of_the_stock_is_reserved_at_once(seller: Any) -> None:
    offer = closed_offer()
    case = ready(offer, seller, fixes=frozenset({"removal"}), removal_kind="return", removal_quantity=15)
    request_removal(offer_id=offer.pk, kind="return", quantity=10, by=seller)
    assert refusal(lambda: finish(case, seller)) == ("stock_changed", {"available": 10})


STEPS = (
    "health.resolving.summarize",
    "health.resolving.request_removal",
    "health.resolving.edit_listing",
    "health.resolving.relist",
    "health.actions.refresh_summary",
    "health.actions.total_tiles",
    "health.resolving._reference",
    "health.resolving._save",
)


@pytest.mark.parametrize("step", STEPS)
def test_d5_a_fault_half_way_through_leaves_everything_as_it_was(
    step: str, seller: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = ready(closed_offer(), seller)
    before = everything()

    def fail(*_args: object, **_said: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(step, fail)
        with pytest.raises(RuntimeError, match="disk is full"):
            finish(case, seller)
    assert everything() == before
    assert finish(case, seller).state == "done"
