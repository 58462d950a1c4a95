"""Step 2 of Resolve issue: listing, stock, another remedy; messages, pictures, drafts (PRODUCT D4, D5)."""

from collections.abc import Iterator

import pytest
from time_machine import travel

from health.models import ResolutionCase
from health.resolving import drop_case
from offers.listing_actions import edit_listing
from offers.models import ListingImage, Offer
from tests.pages.people import operator, queries
from tests.pages.reading import Element, page
from tests.pages.resolving import NOON, REMEDY, Seller, at_risk_offer, closed_offer, picture, problems, seller

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with travel(NOON, tick=False):
        yield


@pytest.fixture
def who() -> Seller:
    """Somebody who has reviewed the feedback."""
    found = seller(closed_offer())
    found.review()
    return found


def control(root: Element, name: str) -> Element:
    """The control with this id."""
    return root.one(id=name)


def test_d4_complaints_stand_at_the_field_that_they_contradict(who: Seller) -> None:
    root = who.read("fix")
    assert "3 customers reported: Inaccurate product page" in control(root, "description-said").text
    # "lid leaks" is about the item; its words point to the bullet that makes another promise.
    assert "5 customers reported: Defective: “lid leaks”" in control(root, "bullet-2-said").text
    assert not root.all(id="title-said")
    link = control(root, "description-said").one("a")
    assert link.attributes["href"].startswith(f"/voc/offers/{who.offer.pk}/feedback/?reason=inaccurate_page")
    assert "description-said" in control(root, "description").attributes["aria-describedby"]


def test_d4_recurring_words_point_to_the_bullets_and_attributes_that_hold_them() -> None:
    found = seller(closed_offer(bullets=["Fast"], attributes={"Lid": "Never leaking", "Color": "black"}))
    found.review()
    root = found.read("fix")
    assert "5 customers reported: Defective: “lid leaks”" in control(root, "attribute-value-1-said").text
    assert not root.all(id="bullet-1-said")


def test_d4_the_form_shows_the_listing_and_keeps_what_is_not_edited(who: Seller) -> None:
    root = who.read("fix")
    assert control(root, "title").attributes["value"] == "Gooseneck kettle, 1.7 L, black"
    assert control(root, "title-count").text == "30 of 200 characters"
    bullets = [box.text for box in root.all("textarea", name="bullet")]
    assert bullets == ["Fast", "Leak-free locking lid", "", ""]
    labels = [box.text for box in root.all("label", **{"for": "attribute-value-1"})]
    assert labels == ["Size"]
    answer = who.fix()
    assert answer.headers["Location"] == who.address("confirm")
    assert who.case.listing == {"title": "Gooseneck kettle, 1.2 L, black"}
    assert who.case.fixes == ["listing"]


def test_d4_every_part_of_the_listing_can_be_edited(who: Seller) -> None:
    answer = who.fix(
        brand="Northlight Home",
        description="Holds 1.2 L.\r\nBoils fast.",
        bullet=["Fast", "", "Fitted lid"],
        **{
            "attribute-name": ["Size", "Color", "Lid", ""],
            "attribute-value": ["1.2 L", "", "fitted", ""],
        },
    )
    assert answer.status_code == 302
    assert who.case.listing == {
        "title": "Gooseneck kettle, 1.2 L, black",
        "brand": "Northlight Home",
        "description": "Holds 1.2 L.\nBoils fast.",
        "bullets": ["Fast", "Fitted lid"],
        "attributes": {"Size": "1.2 L", "Lid": "fitted"},
    }


def test_d4_your_changes_are_shown_word_by_word(who: Seller) -> None:
    who.fix(save="1", **{"attribute-value": ["1.2 L", "black", "", ""]})
    changes = who.read("fix").all("aside")[0].one("dl", "diff")
    assert [term.text for term in changes.all("dt")] == ["Title", "Size"]
    assert [gone.text for gone in changes.all("del")] == ["[Removed: 1.7 – end of the change]"] * 2
    assert [come.text for come in changes.all("ins")] == ["[Added: 1.2 – end of the change]"] * 2


def test_the_themes_that_are_covered_inform_and_never_block() -> None:
    found = seller(closed_offer(bullets=["The lid never leaks"]))
    found.review()
    found.fix(save="1", bullet=["The lid fits well"], fix=["listing", "removal"], quantity="3")
    covered = [item.text for item in found.read("fix").all("aside")[0].all("ul")[0].all("li")]
    assert covered == [
        "Defective: “lid leaks”: Bullet 1, removal order",
        "Inaccurate product page: “holds”: nothing yet, optional",
    ]
    assert found.fix(fix=["other"], remedy=REMEDY).status_code == 302


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"fix": None}, "Choose how you'll fix it"),
        (
            {"title": "Gooseneck kettle, 1.7 L, black"},
            "You haven't changed the listing. Make a change, or untick Edit the listing",
        ),
        ({"title": ""}, "Enter a title"),
        ({"title": "x" * 213}, "Title must be 200 characters or fewer. It's 213 now"),
        ({"description": "x" * 10_001}, "Description must be 10,000 characters or fewer. It's 10,001 now"),
        ({"bullet": ["x" * 501]}, "Bullet 1 must be 500 characters or fewer. It's 501 now"),
        (
            {"attribute-name": ["Size", ""], "attribute-value": ["1", "2"]},
            "Enter a name for the attribute “2”",
        ),
        (
            {"attribute-name": ["Size", "Size"], "attribute-value": ["1", "2"]},
            "The attribute “Size” is there twice. Keep one of them",
        ),
        ({"fix": ["other"], "remedy": "Fixed."}, "Describe in a few words what you have done"),
        ({"fix": ["removal"], "quantity": "21", "removal_kind": "return"},
         "Units to remove: enter a number from 1 to 20"),
        ({"fix": ["removal"], "quantity": "x", "removal_kind": "return"},
         "Units to remove: enter a number from 1 to 20"),
        ({"fix": ["removal"], "quantity": "3"}, "Choose what should happen to these units"),
    ],
)  # fmt: skip
def test_d4_what_is_wrong_is_said_in_the_summary_and_at_the_field(
    who: Seller, fields: dict[str, object], expected: str
) -> None:
    answer = who.fix(**fields)
    assert answer.status_code == 422
    root = page(answer)
    assert problems(root) == [expected]
    assert f"Error: {expected}" in [said.text for said in root.all("p", "err")]
    assert "<title>Error: Resolve issue: Fix the cause (step 2 of 3)" in answer.content.decode()
    assert who.case.fixes == []


def test_d5_after_a_problem_everything_that_was_typed_is_still_there(who: Seller) -> None:
    answer = who.fix(
        title="x" * 201, bullet=["Fast", "Fitted lid"], fix=["listing", "other"], remedy=REMEDY, quantity="7"
    )
    root = page(answer)
    assert control(root, "title").attributes["value"] == "x" * 201
    assert control(root, "title").attributes["aria-invalid"] == "true"
    assert control(root, "bullet-2").text == "Fitted lid"
    assert control(root, "remedy").text == REMEDY
    assert control(root, "quantity").attributes["value"] == "7"
    ticked = {box.attributes["value"] for box in root.all("input", name="fix", checked="")}
    assert ticked == {"listing", "other"}


def test_d4_a_draft_may_be_unfinished(who: Seller) -> None:
    answer = who.fix(fix=None, save="1", remedy="To do")
    assert answer.headers["Location"] == who.address("fix")
    root = who.read("fix")
    assert "Draft saved." in root.text
    assert control(root, "title").attributes["value"] == "Gooseneck kettle, 1.2 L, black"
    assert control(root, "remedy").text == "To do"
    assert who.get("confirm").headers["Location"] == who.address("fix")


def test_d7_stock_can_be_removed_within_what_is_there(who: Seller) -> None:
    root = who.read("fix")
    assert "20 units in fulfilment centres" in root.text
    answer = who.fix(fix=["removal"], quantity=" 5 ", removal_kind="disposal")
    assert answer.status_code == 302
    assert (who.case.removal_kind, who.case.removal_quantity) == ("disposal", 5)


def test_d7_of_an_unknown_stock_any_number_may_be_asked_for() -> None:
    found = seller(closed_offer(quantity=None))
    found.review()
    assert "The stock is not known." in found.read("fix").text
    assert found.fix(fix=["removal"], quantity="5,000", removal_kind="return").status_code == 302
    assert found.case.removal_quantity == 5000
    answer = found.fix(fix=["removal"], quantity="0", removal_kind="return")
    assert problems(page(answer)) == ["Units to remove: enter a whole number from 1"]


def test_d7_a_seller_who_ships_sees_no_removal_and_can_not_send_one() -> None:
    found = seller(closed_offer(fulfillment="seller"))
    found.review()
    root = found.read("fix")
    assert not root.all(id="quantity")
    assert not root.all(id="fix-removal")
    assert "stock" not in root.one("main").one("ol", "steps").text
    answer = found.fix(fix=["removal"], quantity="3", removal_kind="return")
    assert problems(page(answer)) == ["Choose how you'll fix it"]
    assert found.fix(fix=["listing", "removal"], quantity="3", removal_kind="return").status_code == 302
    assert found.case.fixes == ["listing"]
    assert found.case.removal_quantity is None


def test_d5_stock_that_is_gone_meanwhile_is_said(who: Seller) -> None:
    Offer.objects.filter(pk=who.offer.pk).update(quantity=0)
    answer = who.fix(fix=["removal"], quantity="3", removal_kind="return")
    assert problems(page(answer)) == ["No units are left to remove. Untick the removal order"]


def test_d4_pictures_are_added_removed_and_one_comes_first(who: Seller) -> None:
    answer = who.fix(upload=[picture(name="a.png"), picture(name="b.png", color="blue")])
    assert answer.status_code == 302
    first, second = ListingImage.objects.order_by("at", "pk")
    names = who.case.listing
    assert names["image_url"] == "demo:kettle"
    assert set(names["images"]) == {f"upload:{first.pk}", f"upload:{second.pk}"}
    root = who.read("fix")
    assert [tag.text for tag in root.one("main").all("span", "ok")] == ["new", "new"]
    assert root.all("img", src=f"/voc/images/{first.pk}/")
    main = f"upload:{second.pk}"
    assert who.fix(main=main, remove=["demo:kettle"]).status_code == 302
    assert who.case.listing["image_url"] == main
    assert who.case.listing["images"] == [f"upload:{first.pk}"]


def test_d5_pictures_survive_a_mistake_elsewhere_in_the_form(who: Seller) -> None:
    answer = who.fix(title="", upload=[picture()])
    assert answer.status_code == 422
    root = page(answer)
    (image,) = ListingImage.objects.all()
    assert [box.attributes["value"] for box in root.all("input", name="picture")] == [
        "demo:kettle", f"upload:{image.pk}",
    ]  # fmt: skip
    assert who.send("fix", root, fix=["listing"], title="Kettle").status_code == 302
    assert who.case.listing["images"] == [f"upload:{image.pk}"]


def test_a_picture_that_can_not_be_taken_is_said_at_its_field(who: Seller) -> None:
    answer = who.fix(upload=[picture(width=300, height=200, name="small.png")])
    words = "small.png: The image is 300 × 200 pixels. Its longest side needs at least 1,000."
    assert problems(page(answer)) == [words]
    assert not ListingImage.objects.exists()


def test_nobody_can_name_a_picture_of_another_offer(who: Seller) -> None:
    other = seller(closed_offer(sku="OTHER"))
    other.review()
    other.fix(upload=[picture()])
    (image,) = ListingImage.objects.all()
    who.fix(picture=["demo:kettle", f"upload:{image.pk}", "https://evil.example/x.png"])
    assert "images" not in who.case.listing


def test_d5_a_form_that_is_sent_twice_is_saved_once_and_goes_on(who: Seller) -> None:
    root = who.read("fix")
    for _ in range(2):
        fields = {"fix": ["listing"], "title": "Gooseneck kettle, 1.2 L, black"}
        answer = who.send("fix", root, **fields)
        assert answer.headers["Location"] == who.address("confirm")
    assert who.case.version == 3  # made, reviewed, fixed


def test_d5_two_windows_nothing_is_lost(who: Seller) -> None:
    first, second = who.read("fix"), who.read("fix")
    who.send("fix", first, fix=["listing"], title="From the first window", save="1")
    answer = who.send("fix", second, fix=["listing"], title="From the second window")
    assert answer.status_code == 409
    root = page(answer)
    assert "This draft was saved in another window at 12:00." in root.text
    assert control(root, "title").attributes["value"] == "From the second window"
    assert who.case.listing == {"title": "From the first window"}
    assert who.send("fix", root).headers["Location"] == who.address("confirm")
    assert who.case.listing == {"title": "From the second window"}


def test_d5_edits_made_on_an_older_listing_do_not_undo_what_others_changed(who: Seller) -> None:
    root = who.read("fix")
    edit_listing(
        offer_id=who.offer.pk,
        values={"brand": "Northlight Home"},
        seen_revision=1,
        by=None,
        source="operator",
    )
    assert who.send("fix", root, fix=["listing"], title="Kettle, 1.2 L").status_code == 302
    assert who.case.listing == {"title": "Kettle, 1.2 L"}
    assert who.case.seen_revision == 1
    again = who.read("fix")
    assert "The listing changed at 12:00" in again.one("div", "fa").text
    assert control(again, "brand").attributes["value"] == "Northlight Home"
    assert control(again, "title").attributes["value"] == "Kettle, 1.2 L"


def test_c7_improving_says_when_the_changes_go_live() -> None:
    found = seller(at_risk_offer())
    found.review()
    assert "Changes go live when you confirm" in found.read("fix").text


def test_f6_an_operator_can_not_save_a_draft(who: Seller) -> None:
    assert operator().client.post(who.address("fix"), {"fix": "listing"}).status_code == 403
    assert ResolutionCase.objects.count() == 1


def test_the_form_asks_so_many_questions(who: Seller) -> None:
    assert len(queries(lambda: who.get("fix"))) == 13


def test_d5_a_picture_that_an_import_took_away_meanwhile_is_told() -> None:
    offer = closed_offer(image_url=f"upload:{'0' * 32}", images=["demo:kettle"])
    who = seller(offer)
    who.review()
    root = who.read("fix")
    edit_listing(offer_id=offer.pk, values={"image_url": ""}, seen_revision=1, by=None, source="import")
    answer = who.send("fix", root, fix=["listing"], main="demo:kettle")
    assert answer.status_code == 422
    assert "One of the images is no longer there. Upload it again." in page(answer).text


def test_d5_the_form_of_a_draft_that_was_thrown_away_replaces_nothing_unseen(who: Seller) -> None:
    who.fix(save="1")
    root = who.read("fix")
    drop_case(case_id=who.case.pk, by=who.who.user)  # in another window, and begun anew there
    who.review()
    who.fix(save="1", title="Something else")
    answer = who.send("fix", root, title="An earlier thought")
    assert answer.status_code == 409
    assert "This draft was saved in another window" in page(answer).text
    assert who.case.listing == {"title": "Something else"}
