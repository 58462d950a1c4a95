"""Step 3 of Resolve issue and the page after it: check, confirm, once (PRODUCT D4-D7, C7, A5)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from time_machine import travel

from health.actions import delete_listing, relist
from health.models import ResolutionCase
from health.resolving import drop_case
from offers.listing_actions import edit_listing
from offers.models import Offer, RemovalOrder, Role
from tests.factories import UserFactory
from tests.health.closed_offers import close
from tests.pages.people import member, operator, owner, queries, stranger
from tests.pages.reading import Element, page
from tests.pages.resolving import (
    NOON,
    REMEDY,
    Seller,
    at_risk_offer,
    closed_offer,
    problems,
    seller,
)

pytestmark = pytest.mark.django_db
TITLE = "Gooseneck kettle, 1.2 L, black"


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with travel(NOON, tick=False):
        yield


@pytest.fixture
def who() -> Seller:
    """Somebody who has edited the title, asked for 5 units back and said what else was done."""
    return ready(closed_offer())


def ready(offer: Offer, **fields: Any) -> Seller:
    found = seller(offer)
    found.review()
    given = {
        "fix": ["listing", "removal", "other"],
        "quantity": "5",
        "removal_kind": "return",
        "remedy": REMEDY,
    }
    assert found.fix(**(fields or given)).headers["Location"] == found.address("confirm")
    return found


def answers(root: Element) -> dict[str, str]:
    """The check list: what stands beside each term."""
    listed = root.one("dl", "sl")
    found, term = {}, ""
    for part in [one for one in listed.inside if isinstance(one, Element)]:
        if part.tag == "dt":
            term = part.text
        elif term not in found:
            found[term] = part.text
    return found


def test_d4_everything_can_be_checked_and_changed_before_it_is_done(who: Seller) -> None:
    root = who.read("confirm")
    said = answers(root)
    assert said["Feedback reviewed"] == "2 themes, 8 orders"
    assert said["Listing"].startswith("Title: Gooseneck kettle, [Removed: 1.7")
    assert said["Removal order"] == "Return 5 units to you In about 10 to 14 business days"
    assert said["What you have done"] == REMEDY
    assert said["Stock left to sell"] == "15 units"
    links = {link.text: link.attributes["href"] for link in root.one("dl", "sl").all("a")}
    assert links == {
        "Change feedback review": who.address("review"),
        "Change listing edits": who.address("fix"),
        "Change removal order": who.address("fix"),
        "Change what you have done": who.address("fix"),
    }


def test_a5_what_happens_next_with_the_grace_period_and_the_account(who: Seller) -> None:
    beside = who.read("confirm").all("aside")[0].text
    assert "The offer opens again with the new listing. The removal order is submitted." in beside
    assert "In about 10 to 14 business days 5 units reach you." in beside
    assert "The NCX rate looks back over 60 days. It may take several weeks" in beside
    assert "can't be closed again before 14 days have passed and 30 orders have come in." in beside
    assert "NCX rates and CX health never lead to account-level action." in beside


def test_d4_both_statements_have_to_be_ticked(who: Seller) -> None:
    answer = who.confirm(attest=["reviewed"])
    assert answer.status_code == 422
    root = page(answer)
    assert problems(root) == ["Confirm that the listing is accurate and that you've acted on the problems"]
    assert "checked" in root.one(id="reviewed").attributes
    assert Offer.objects.get(pk=who.offer.pk).status == "CLOSED"


def test_d4_confirming_edits_removes_and_relists_and_says_so(who: Seller) -> None:
    answer = who.confirm()
    case = who.case
    assert answer.headers["Location"] == reverse("resolve-done", args=[who.offer.pk, case.reference])
    offer = Offer.objects.get(pk=who.offer.pk)
    assert (offer.status, offer.title, offer.revision) == ("LIVE", TITLE, 2)
    order = RemovalOrder.objects.get(offer=offer)
    root = page(who.who.client.get(answer.headers["Location"]))
    assert root.one("h1").text == "Your offer is open again"
    assert f"was relisted on 17 Mar 2024 at 12:00. Reference {case.reference} ." in root.one("main").text
    done = [item.text for item in root.all("aside")[0].all("ul")[0].all("li")]
    assert done == [
        "Listing updated: 1 edit",
        f"Removal order {order.reference} submitted: 5 units",
        "What you have done was noted.",
        "Saved in the offer's timeline",
    ]
    assert "It may take several weeks." in root.one("main").text
    assert root.all("svg", "chart")
    assert "Fair: " in root.one("svg", "chart").text


def test_d5_confirming_twice_shows_the_first_result(who: Seller) -> None:
    root = who.read("confirm")
    first = who.send("confirm", root, attest=["reviewed", "accurate"])
    second = who.send("confirm", root, attest=["reviewed", "accurate"])
    assert first.headers["Location"] == second.headers["Location"]
    assert RemovalOrder.objects.count() == 1
    assert Offer.objects.get(pk=who.offer.pk).revision == 2
    address = first.headers["Location"]
    assert [who.who.client.get(address).status_code for _ in range(2)] == [200, 200]


def test_the_done_page_is_for_people_of_the_seller_and_operators(who: Seller) -> None:
    address = who.confirm().headers["Location"]
    seller_of = who.offer.seller
    expected = [
        (member(seller_of, Role.VIEWER), 200),
        (owner(seller_of), 200),
        (operator(), 200),
        (stranger(), 404),
    ]
    assert [found.client.get(address).status_code for found, _ in expected] == [
        status for _, status in expected
    ]
    nowhere = reverse("resolve-done", args=[who.offer.pk, "RL-20240317-9999"])
    assert who.who.client.get(nowhere).status_code == 404
    assert who.who.client.post(address).status_code == 405


def test_the_done_page_leads_to_the_next_closed_offer(who: Seller) -> None:
    others = [closed_offer(seller=who.offer.seller, marketplace=who.offer.marketplace) for _ in range(2)]
    address = who.confirm().headers["Location"]
    link = page(who.who.client.get(address)).one("a", "primary")
    assert link.text == "Resolve the next of 2 offers"
    assert link.attributes["href"] in {reverse("offer", args=[other.pk]) for other in others}


def test_d7_without_stock_the_page_says_that_there_is_nothing_to_sell() -> None:
    found = ready(closed_offer(), fix=["removal"], quantity="20", removal_kind="disposal")
    root = found.read("confirm")
    assert answers(root)["Stock left to sell"].startswith("0 units There is nothing to sell")
    assert "This leaves no stock. The offer opens when new stock arrives." in root.text
    assert "Can't be undone once processing starts" in answers(root)["Removal order"]
    after = page(found.who.client.get(found.confirm().headers["Location"]))
    assert "There is nothing to sell yet" in after.text


def test_c7_an_improved_offer_is_not_relisted() -> None:
    found = ready(at_risk_offer(), fix=["other"], remedy=REMEDY)
    root = found.read("confirm")
    assert [button.text for button in root.one("main").all("button")] == ["Confirm changes"]
    assert "can't be closed again" not in root.text
    address = found.confirm().headers["Location"]
    assert page(found.who.client.get(address)).one("h1").text == "Your changes are confirmed"
    assert Offer.objects.get(pk=found.offer.pk).relisted_on is None


def test_d5_a_listing_that_somebody_else_changed_shows_both_sides_and_merges(who: Seller) -> None:
    edit_listing(
        offer_id=who.offer.pk,
        values={"brand": "Northlight Home", "title": "Kettle, black"},
        seen_revision=1,
        by=UserFactory(first_name="Anna", last_name="Field"),
        source="seller",
    )
    root = who.read("confirm")
    assert (
        root.one(id="clash-head").text == "The listing changed at 12:00 (Anna Field). Check your edits again."
    )
    rows = [
        [row.one("th").text, *(cell.text for cell in row.all("td"))] for row in root.one("tbody").all("tr")
    ]
    assert [row[0] for row in rows] == ["Title", "Brand"]
    assert (
        "Kettle, black" in rows[0][1].replace(" [Removed: Gooseneck kettle, 1.7 L, black", "") or rows[0][1]
    )
    assert "1.2" in rows[0][2]
    assert rows[1][2] == "–"
    assert "Confirm and relist" not in [button.text for button in root.all("button")]
    assert [legend.text for legend in root.one("main").all("legend")] == ["You both changed: Title"]
    merging = root.one("main").all("form")[0]
    sent = {
        box.attributes["name"]: box.attributes.get("value", "") for box in merging.all("input", type="hidden")
    }
    answer = who.who.client.post(who.address("confirm"), {**sent, "merge": "1", "side-1": ""})
    assert answer.headers["Location"] == who.address("confirm")
    assert (who.case.listing, who.case.seen_revision) == ({"title": TITLE}, 2)
    assert who.confirm().status_code == 302
    offer = Offer.objects.get(pk=who.offer.pk)
    assert (offer.title, offer.brand) == (TITLE, "Northlight Home")


def test_d5_of_two_changes_of_one_field_theirs_can_be_taken(who: Seller) -> None:
    edit_listing(offer_id=who.offer.pk, values={"title": "Theirs"}, seen_revision=1, by=None, source="import")
    root = who.read("confirm")
    assert "(by import)" in root.one(id="clash-head").text
    merging = root.one("main").all("form")[0]
    sent = {
        box.attributes["name"]: box.attributes.get("value", "") for box in merging.all("input", type="hidden")
    }
    answer = who.who.client.post(who.address("confirm"), {**sent, "merge": "1", "side-1": "title"})
    # Nothing of the edit is left, so that the second step has to be looked at again.
    assert answer.headers["Location"] == who.address("fix")
    assert "Nothing would change any more" in who.read("fix").text
    assert Offer.objects.get(pk=who.offer.pk).title == "Theirs"


def test_d5_a_confirmation_over_a_changed_listing_does_nothing(who: Seller) -> None:
    root = who.read("confirm")
    edit_listing(offer_id=who.offer.pk, values={"brand": "B"}, seen_revision=1, by=None, source="operator")
    answer = who.send("confirm", root, attest=["reviewed", "accurate"])
    assert answer.headers["Location"] == who.address("confirm")
    assert Offer.objects.get(pk=who.offer.pk).status == "CLOSED"
    assert who.read("confirm").all(id="clash-head")


def test_d5_a_colleague_who_was_faster_is_named_and_the_draft_is_kept(who: Seller) -> None:
    root = who.read("confirm")
    relist(offer_id=who.offer.pk, by=UserFactory(first_name="Anna", last_name="Field"), at=NOON)
    answer = who.send("confirm", root, attest=["reviewed", "accurate"])
    assert answer.status_code == 409
    told = page(answer)
    assert (
        "This offer is already open. It was relisted by Anna Field at 12:00." in told.one("div", "note").text
    )
    assert told.one("div", "note").one("a").attributes["href"] == reverse("offer", args=[who.offer.pk])
    assert "Your draft is kept" in told.text
    assert "1.2" in told.one("main").all("dl", "diff")[0].text
    assert REMEDY in told.text
    assert who.case.state == ResolutionCase.State.DRAFT
    assert not RemovalOrder.objects.exists()
    assert who.get("review").status_code == 200  # the same page


def test_d5_a_kept_draft_can_go_on_as_an_improvement_or_be_thrown_away(who: Seller) -> None:
    relist(offer_id=who.offer.pk, by=None, at=NOON)
    root = who.read("confirm")
    start = reverse("offer-resolve", args=[who.offer.pk])
    assert [b.text for b in root.one("main").all("button")] == [
        "Go on and improve the offer",
        "Throw the draft away",
    ]
    assert who.who.client.post(start, {"improve": "1"}).headers["Location"] == who.address("review")
    assert who.case.kind == ResolutionCase.Kind.IMPROVE
    assert who.case.listing == {"title": TITLE}
    answer = who.who.client.post(start, {"drop": "1", "case": who.case.pk})
    assert answer.headers["Location"] == reverse("offer", args=[who.offer.pk])
    assert who.case.state == ResolutionCase.State.DROPPED


def test_d5_a_deleted_listing_ends_it(who: Seller) -> None:
    root = who.read("confirm")
    delete_listing(offer_id=who.offer.pk, by=None)
    answer = who.send("confirm", root, attest=["reviewed", "accurate"])
    assert answer.status_code == 409
    assert "The listing was deleted by" in page(answer).one("div", "note").text


def test_d5_an_offer_that_was_closed_again_has_to_be_reviewed_anew(who: Seller) -> None:
    root = who.read("confirm")
    relist(offer_id=who.offer.pk, by=None, at=NOON)
    close(who.offer, days_later=3)
    answer = who.send("confirm", root, attest=["reviewed", "accurate"])
    assert answer.headers["Location"] == who.address("review")
    who.review()
    assert who.read("fix").one(id="title").attributes["value"] == TITLE


def test_d5_stock_that_was_sold_meanwhile_is_told_with_what_is_left(who: Seller) -> None:
    Offer.objects.filter(pk=who.offer.pk).update(quantity=3)
    found = who.who.client.post(
        who.address("confirm"),
        {"case": who.case.pk, "seen_version": who.case.version, "attest": ["reviewed", "accurate"]},
        follow=True,
    )
    assert found.redirect_chain[-1][0] == who.address("fix")
    assert "Units were sold or reserved since you started. You can remove up to 3." in page(found).text
    assert Offer.objects.get(pk=who.offer.pk).status == "CLOSED"


def test_d5_a_draft_that_was_saved_elsewhere_has_to_be_checked_again(who: Seller) -> None:
    root = who.read("confirm")
    who.fix(title="Another title")
    found = who.send("confirm", root, attest=["reviewed", "accurate"])
    assert found.headers["Location"] == who.address("confirm")
    assert "saved in another window" in who.read("confirm").text
    assert Offer.objects.get(pk=who.offer.pk).status == "CLOSED"


def test_d5_the_form_of_a_draft_that_was_thrown_away_confirms_no_other(who: Seller) -> None:
    root = who.read("confirm")
    drop_case(case_id=who.case.pk, by=who.who.user)  # in another window, and begun anew there
    who.review()
    who.fix(title="Something else")
    answer = who.send("confirm", root, attest=["reviewed", "accurate"])
    assert answer.headers["Location"] == who.address("confirm")
    assert "This draft was saved in another window." in who.read("confirm").text
    who.offer.refresh_from_db()
    assert (who.offer.status, who.offer.revision) == ("CLOSED", 1)


def test_a3_an_address_beyond_every_number_is_not_there(who: Seller) -> None:
    assert who.who.client.post(reverse("resolve-confirm", args=[10**20])).status_code == 404


def test_an_offer_that_is_well_has_nothing_to_resolve() -> None:
    offer = at_risk_offer()
    offer.health.band = 3
    offer.health.save()
    root = seller(offer).read("review")
    assert "This offer is open: customers can buy it." in root.one("div", "note").text


def test_the_last_step_and_the_page_after_it_ask_so_many_questions(who: Seller) -> None:
    assert len(queries(lambda: who.get("confirm"))) == 8
    address = who.confirm().headers["Location"]
    assert len(queries(lambda: who.who.client.get(address))) == 6
