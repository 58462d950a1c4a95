"""Two at the same moment, really: two threads, two connections (PRODUCT D5).

SQLite has one writer, so there the two come one after the other; what must hold is the same.
"""

import threading
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from time_machine import travel

from health import recompute
from health.actions import close_by_hand, relist, sync_offers
from health.cases import CaseRefused, Fix
from health.models import OfferHealth, ResolutionCase, SellerSummary, Urgency
from health.publishing import _tiles
from health.resolving import confirm, open_case, save_fix
from offers.actions import MoveRefused
from offers.image_actions import store_image
from offers.lifecycle import Status
from offers.listing_actions import ListingRefused, edit_listing
from offers.models import ListingImage, ListingRevision, Offer, OfferStatusChange, RemovalOrder
from offers.removal_actions import RemovalRefused, request_removal
from offers.removals import available_units
from tests.factories import UserFactory
from tests.health.closed_offers import NOON, OTHER, REMEDY, at_risk_offer, close, closed_offer, ready
from tests.offers.test_images import picture, upload

pytestmark = pytest.mark.django_db(transaction=True)
Act = Callable[[], object]
PATIENCE = 30
# So long whoever was first holds what it locked: time for the other to run into it.
HELD = 0.15


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with travel(NOON, tick=True):
        yield


def at_once(*acts: Act) -> list[Any]:
    """What each act gave or raised, all begun at the same moment."""
    outcomes: list[Any] = [None] * len(acts)
    together = threading.Barrier(len(acts))

    def run(place: int) -> None:
        try:
            if connection.vendor != "sqlite":
                together.wait(PATIENCE)
            outcomes[place] = acts[place]()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the outcome
            outcomes[place] = error
        finally:
            if connection.vendor != "sqlite":
                connection.close()

    if connection.vendor == "sqlite":
        for place in range(len(acts)):
            run(place)
        return outcomes
    threads = [threading.Thread(target=run, args=[place]) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "they wait for each other"
    return outcomes


def slowly(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let whoever comes to this function stay there a while with what it holds."""
    module, function = name.rsplit(".", 1)
    original = getattr(import_module(module), function)

    def slow(*args: Any, **said: Any) -> Any:
        time.sleep(HELD)
        return original(*args, **said)

    monkeypatch.setattr(name, slow)


def confirming(case: ResolutionCase, by: Any) -> Act:
    return lambda: confirm(case_id=case.pk, by=by, seen_version=case.version, attested=True)


def sort(outcomes: list[Any]) -> tuple[list[Any], list[Exception]]:
    """Those that succeeded, and what the others raised."""
    errors = [one for one in outcomes if isinstance(one, Exception)]
    return [one for one in outcomes if not isinstance(one, Exception)], errors


def test_d5_a_double_click_confirms_once(monkeypatch: pytest.MonkeyPatch) -> None:
    offer, person = closed_offer(), UserFactory()
    case = ready(offer, person)
    slowly(monkeypatch, "health.resolving.summarize")
    done, errors = sort(at_once(*[confirming(case, person)] * 3))
    assert not errors
    assert {one.reference for one in done} == {f"RL-20240317-{case.pk:04d}"}
    assert OfferStatusChange.objects.filter(offer=offer, move="relist").count() == 1
    assert RemovalOrder.objects.count() == 1
    assert ListingRevision.objects.filter(offer=offer).count() == 1


def test_d5_of_two_colleagues_one_relists_and_the_other_is_told_who(monkeypatch: pytest.MonkeyPatch) -> None:
    offer, people = closed_offer(), [UserFactory(), UserFactory()]
    cases = [ready(offer, person) for person in people]
    slowly(monkeypatch, "health.resolving.summarize")
    done, errors = sort(at_once(*map(confirming, cases, people)))
    assert (len(done), len(errors)) == (1, 1)
    assert isinstance(errors[0], CaseRefused)
    assert (errors[0].code, errors[0].said["who"]) == ("not_closed", done[0].by)
    assert sorted(ResolutionCase.objects.values_list("state", flat=True)) == ["done", "draft"]
    assert RemovalOrder.objects.count() == ListingRevision.objects.count() == 1


def test_d5_a_relist_from_elsewhere_and_a_confirmation_make_one_move(monkeypatch: pytest.MonkeyPatch) -> None:
    offer, person = closed_offer(), UserFactory()
    case = ready(offer, person)
    slowly(monkeypatch, "health.actions.place_in_grid")
    done, errors = sort(at_once(confirming(case, person), lambda: relist(offer_id=offer.pk, by=None)))
    assert (len(done), len(errors)) == (1, 1)
    assert isinstance(errors[0], CaseRefused | MoveRefused)
    assert OfferStatusChange.objects.filter(offer=offer, move="relist").count() == 1
    confirmed = isinstance(done[0], ResolutionCase)
    assert RemovalOrder.objects.exists() == confirmed
    assert (Offer.objects.get(pk=offer.pk).revision == 2) == confirmed


def test_d7_two_who_take_the_same_units_never_get_more_than_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offer, person = closed_offer(quantity=20), UserFactory()
    case = ready(offer, person, fixes=frozenset({"removal"}), removal_kind="return", removal_quantity=15)
    slowly(monkeypatch, "health.resolving.summarize")

    def take() -> object:
        return request_removal(offer_id=offer.pk, kind="disposal", quantity=15, by=None)

    done, errors = sort(at_once(confirming(case, person), take))
    assert (len(done), len(errors)) == (1, 1)
    assert isinstance(errors[0], CaseRefused | RemovalRefused)
    assert errors[0].code in {"stock_changed", "too_many"}
    offer.refresh_from_db()
    assert available_units(offer) == 5
    assert (offer.status == Status.LIVE) == isinstance(done[0], ResolutionCase)


def test_d5_an_edit_and_a_confirmation_at_once_overwrite_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    offer, person = closed_offer(), UserFactory()
    case = ready(offer, person)
    slowly(monkeypatch, "health.resolving.summarize")

    def edit() -> object:
        return edit_listing(
            offer_id=offer.pk, values={"title": "Another"}, seen_revision=1, by=None, source="seller"
        )

    done, errors = sort(at_once(confirming(case, person), edit))
    assert (len(done), len(errors)) == (1, 1)
    assert isinstance(errors[0], ListingRefused) or errors[0].code == "listing_changed"  # type: ignore[attr-defined]
    offer.refresh_from_db()
    assert (offer.revision, ListingRevision.objects.count()) == (2, 1)
    assert (offer.title == "Another") == (done[0] == ["title"])


def test_d5_two_tabs_open_one_draft_and_the_older_form_changes_nothing() -> None:
    offer, person = closed_offer(), UserFactory()

    def begin() -> object:
        return open_case(offer_id=offer.pk, by=person)

    done, errors = sort(at_once(begin, begin, begin))
    assert not errors
    assert len({one.pk for one in done}) == ResolutionCase.objects.count() == 1

    def save(words: str) -> Act:
        fix = Fix(OTHER, remedy=words, complete=False)
        return lambda: save_fix(case_id=done[0].pk, by=person, seen_version=1, fix=fix)

    saved, errors = sort(at_once(save("The first of two."), save("The second of two.")))
    assert (len(saved), [error.code for error in errors]) == (1, ["other_version"])  # type: ignore[attr-defined]
    kept = ResolutionCase.objects.get()
    assert (kept.version, kept.remedy) == (2, saved[0].remedy)


def counted(offer: Offer) -> dict[str, int]:
    """The seller's tiles, counted from the rows as they are."""
    return _tiles(offer.marketplace, offer.seller_id)[offer.seller_id]


def tiles(offer: Offer) -> dict[str, int]:
    """The seller's tiles as they are kept."""
    kept: dict[str, int] = SellerSummary.objects.get(
        seller=offer.seller, marketplace=offer.marketplace
    ).counts
    return kept


def test_d5_two_offers_of_a_seller_relisted_at_once_are_both_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    first = closed_offer()
    offers = [first, *(closed_offer(seller=first.seller, marketplace=first.marketplace) for _ in range(2))]
    sync_offers(first.marketplace)
    people = [UserFactory() for _ in offers]
    cases = [ready(offer, by, fixes=OTHER, remedy=REMEDY) for offer, by in zip(offers, people, strict=True)]
    slowly(monkeypatch, "health.actions.total_tiles")
    done, errors = sort(at_once(*map(confirming, cases, people), lambda: sync_offers(first.marketplace)))
    assert not errors
    assert len({one.reference for one in done if isinstance(one, ResolutionCase)}) == 3
    assert tiles(first) == counted(first) == {"6": 3, "at_risk": 3, "recovering": 3}


def night(offer: Offer) -> Act:
    """The night of the closure's own day."""
    return lambda: recompute.recompute_night(
        offer.marketplace, NOON.date() - (NOON - NOON.replace(day=16)), trigger="command"
    )


def shown(offer: Offer) -> tuple[str, int, bool]:
    """State, place in the grid, and whether it is recovering."""
    row = OfferHealth.objects.select_related("offer").get(pk=offer.pk)
    return row.offer.status, row.urgency, row.recovering


def test_d5_a_relist_between_a_nights_reading_and_its_writing_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    offer = closed_offer()
    publish = recompute._publish

    def late(*said: Any) -> Any:
        relist(offer_id=offer.pk, by=None)
        return publish(*said)

    monkeypatch.setattr(recompute, "_publish", late)
    night(offer)()
    status, urgency, recovering = shown(offer)
    assert (status, urgency == Urgency.CLOSED, recovering) == (Status.LIVE, False, True)
    assert tiles(offer) == counted(offer)


def announcing(monkeypatch: pytest.MonkeyPatch, name: str) -> threading.Event:
    """`slowly`, and an event that says when somebody is there with what it holds."""
    there = threading.Event()
    module, function = name.rsplit(".", 1)
    original = getattr(import_module(module), function)

    def announced(*args: Any, **said: Any) -> Any:
        there.set()
        time.sleep(2 * HELD)
        return original(*args, **said)

    monkeypatch.setattr(name, announced)
    return there


def after(event: threading.Event, act: Act) -> Act:
    """The act, begun when the event has come."""

    def waiting() -> object:
        assert event.wait(PATIENCE)
        return act()

    return waiting


@pytest.mark.parametrize("first", ["relist", "night"])
def test_d5_a_night_that_is_published_at_the_moment_of_a_relist(
    first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever holds its rows first: neither waits for the other for ever, and both are seen."""
    offer, person = closed_offer(), UserFactory()
    other = closed_offer(seller=offer.seller, marketplace=offer.marketplace)
    sync_offers(offer.marketplace)
    acts = [confirming(ready(offer, person, fixes=OTHER, remedy=REMEDY), person), night(offer)]
    if first == "relist":
        holding = announcing(monkeypatch, "health.actions.refresh_summary")
        publish = recompute._publish
        monkeypatch.setattr(recompute, "_publish", lambda *said: after(holding, lambda: publish(*said))())
    else:
        acts[0] = after(announcing(monkeypatch, "health.publishing.write_summaries"), acts[0])
        acts.reverse()
    _done, errors = sort(at_once(*acts))
    assert not errors
    status, urgency, recovering = shown(offer)
    assert (status, urgency == Urgency.CLOSED, recovering) == (Status.LIVE, False, True)
    assert shown(other)[:2] == (Status.CLOSED, Urgency.CLOSED)
    assert tiles(offer) == counted(offer)
    assert (tiles(offer)["closed"], tiles(offer)["recovering"]) == (1, 1)


def test_d5_an_import_that_counts_the_tiles_at_the_moment_of_a_relist_counts_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offer, person = closed_offer(), UserFactory()
    sync_offers(offer.marketplace)
    case = ready(offer, person, fixes=OTHER, remedy=REMEDY)
    counting = announcing(monkeypatch, "health.actions.total_tiles")
    imported = after(counting, lambda: sync_offers(offer.marketplace))
    _done, errors = sort(at_once(confirming(case, person), imported))
    assert not errors
    assert tiles(offer) == counted(offer) == {"6": 1, "at_risk": 1, "recovering": 1}


def test_d5_a_closure_and_a_confirmed_improvement_at_once_leave_one_truth(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offer, person, operator = at_risk_offer(), UserFactory(), UserFactory(is_staff=True)
    case = ready(offer, person)
    slowly(monkeypatch, "health.resolving.summarize")

    def shut() -> object:
        return close_by_hand(offer_id=offer.pk, by=operator, reason="Unsafe.")

    done, errors = sort(at_once(confirming(case, person), shut))
    assert Offer.objects.get(pk=offer.pk).status == Status.CLOSED
    case.refresh_from_db()
    assert (case.state == "done") == (not errors)
    assert [error.code for error in errors] in ([], ["not_reviewed"])  # type: ignore[attr-defined]
    assert (Offer.objects.get(pk=offer.pk).revision == 2) == (case.state == "done")
    assert len(done) + len(errors) == 2


def test_the_same_picture_uploaded_twice_at_once_is_kept_once(monkeypatch: pytest.MonkeyPatch) -> None:
    offer, body = closed_offer(), picture()
    slowly(monkeypatch, "offers.image_actions._new")
    done, errors = sort(at_once(*[lambda: store_image(offer_id=offer.pk, upload=upload(body), by=None)] * 2))
    assert not errors
    assert len({one.pk for one in done}) == ListingImage.objects.count() == 1


def test_d6_a_second_closure_while_a_draft_is_open_asks_for_its_own_review() -> None:
    offer, person = closed_offer(), UserFactory()
    case = ready(offer, person)
    relist(offer_id=offer.pk, by=None)
    close(offer, days_later=2)
    (refused,) = at_once(confirming(case, person))
    assert isinstance(refused, CaseRefused)
    assert refused.code == "not_reviewed"
