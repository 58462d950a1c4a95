"""Step 1 of Resolve issue: themes, ticks, causes, patterns, what is not counted; who may (PRODUCT D4, C7)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse
from time_machine import travel

from health.models import ResolutionCase
from offers.models import OfferStatusChange, Role
from tests.factories import A_DAY, EventFactory, ListingRevisionFactory, OrderLineFactory
from tests.pages.people import member, operator, queries, stranger
from tests.pages.reading import page
from tests.pages.resolving import NOON, REMEDY, at_risk_offer, closed_offer, problems, seller

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with travel(NOON, tick=False):
        yield


def test_d4_themes_have_orders_shares_quotes_and_lead_to_all_comments() -> None:
    who = seller(closed_offer())
    lid, page_says = who.read("review").all("div", "theme")
    assert lid.one("h3").text == "Defective: “lid leaks” 5 orders · 62%"
    assert lid.all("q")[0].text == "“The lid leaks, order 4” Return, 15 Mar"
    assert page_says.one("h3").text.startswith("Inaccurate product page")
    link = lid.one("a")
    assert link.attributes["href"].endswith("?reason=defective&from=2024-01-16&to=2024-03-15")
    assert len(page(who.who.client.get(link.attributes["href"])).all("article", "cmt")) == 5


def test_the_head_says_which_offer_when_it_was_closed_and_its_numbers_then() -> None:
    offer = closed_offer()
    closure = OfferStatusChange.objects.get(offer=offer)
    closure.evidence |= {"orders": 40, "m": 0.041}
    closure.save()
    root = seller(offer).read("review")
    about = "Gooseneck kettle, 1.7 L, black · closed 16 Mar 2024 · NCX rate 20.0%, similar offers 4.1%"
    assert root.one("main").all("p", "muted")[0].text == about
    steps = root.one("ol", "steps")
    assert [step.one("b").text for step in steps.all("li")] == [
        "1. Review feedback",
        "2. Fix the cause",
        "3. Confirm and relist",
    ]
    assert not steps.all("a")
    assert [link.text for link in root.one("ol", "crumbs").all("a")] == ["Voice of the Customer", offer.title]


def test_d4_every_theme_has_to_be_ticked_and_the_summary_says_which_is_not() -> None:
    who = seller(closed_offer())
    root = who.read("review")
    first = root.all("input", name="read")[0].attributes["value"]
    answer = who.send("review", root, read=[first], cause=["product", "listing"])
    assert answer.status_code == 422
    again = page(answer)
    name = again.all("div", "theme")[1].one("h3").inside[0]
    assert problems(again) == [f"Tick “I've read these comments” for: {name}"]
    assert "Error: Resolve issue: Review feedback (step 1 of 3)" in answer.content.decode()
    assert ["checked" in box.attributes for box in again.all("input", name="read")] == [True, False]
    chosen = [box.all("option", selected="") for box in again.all("select")]
    assert [[one.attributes["value"] for one in found] for found in chosen] == [["product"], []]
    assert not ResolutionCase.objects.exists()


def test_d4_the_draft_is_made_by_the_first_form_and_keeps_the_causes() -> None:
    who = seller(closed_offer())
    who.read("review")
    assert not ResolutionCase.objects.exists()
    root = who.read("review")
    keys = [box.attributes["value"] for box in root.all("input", name="read")]
    answer = who.send("review", root, read=keys, cause=["product", "nonsense"])
    assert answer.headers["Location"] == who.address("fix")
    assert [(theme["key"], theme["cause"]) for theme in who.case.themes] == [
        (keys[0], "product"),
        (keys[1], ""),
    ]
    again = who.read("review")
    assert all("checked" in box.attributes for box in again.all("input", name="read"))
    assert again.one("ol", "steps").all("a") == []  # the step that is shown is no link
    assert [link.text for link in who.read("fix").one("ol", "steps").all("a")] == ["Review feedback"]


def test_a_review_that_is_sent_twice_is_one_draft() -> None:
    who = seller(closed_offer())
    who.review()
    assert who.review().headers["Location"] == who.address("fix")
    assert ResolutionCase.objects.count() == 1


def test_c7_an_offer_at_risk_goes_through_the_same_steps_without_relist() -> None:
    who = seller(at_risk_offer())
    root = who.read("review")
    assert root.one("h1").text == "Improve this offer"
    assert "3. Confirm" in [step.one("b").text for step in root.one("ol", "steps").all("li")]
    assert "closed" not in root.one("main").all("p", "muted")[0].text
    who.review()
    assert who.case.kind == ResolutionCase.Kind.IMPROVE


def test_patterns_are_counted_from_orders_and_edits_alone() -> None:
    offer = closed_offer()
    ListingRevisionFactory(
        offer=offer, number=2, changed_fields=["title", "image_url", "images"],
        at=datetime(2024, 2, 25, 12, tzinfo=UTC),
    )  # fmt: skip
    beside = seller(offer).read("review").one("aside")
    # The eight complaints are about the newest of 40 orders, 5 to 15 March.
    assert (
        "The listing was edited on 25 Feb 2024 (Title, Images). Of the orders since, 8 of 20 (40.0%) had a "
        "problem; of those before, 0 of 20 (0.0%)."
    ) in beside.text
    assert "all 5 reports are about orders since 11 Mar 2024, none about the 35 orders before" in beside.text
    rows = [row.text for row in beside.one("tbody").all("tr")]
    assert rows == ["1 Feb – 29 Feb 0 / 25 0.0%", "1 Mar – 15 Mar 8 / 15 53.3%"]
    assert "Where they were reported: Returns 8" in beside.text


def test_c4_delivery_and_other_feedback_that_does_not_count_is_only_numbered() -> None:
    offer = closed_offer()
    for cause, reason, number in (("delivery", "late_delivery", 2), ("buyer", "changed_mind", 1)):
        for _ in range(number):
            line = OrderLineFactory(offer=offer, ordered_on=date(2024, 2, 20))
            EventFactory(
                order_line=line, cause=cause, reason=reason, counted=False, occurred_on=A_DAY, comment="Late."
            )
    root = seller(offer).read("review")
    assert "2 comments are about delivery." in root.one("aside").text
    assert "1 comes from a buyer who changed their mind" in root.one("aside").text
    assert "Late." not in root.text


def test_what_customers_wrote_is_escaped_and_masked() -> None:
    offer = at_risk_offer()
    line = OrderLineFactory(offer=offer, ordered_on=date(2024, 3, 14))
    EventFactory(order_line=line, comment="<script>alert(1)</script> call 613-555-0199", reason="damaged")
    html = seller(offer).get("review").content.decode()
    assert "<script>alert" not in html
    assert "555-0199" not in html


def test_f6_owners_and_editors_act_viewers_are_told_whom_to_ask_strangers_find_nothing() -> None:
    offer = closed_offer()
    for role, status in ((Role.OWNER, 200), (Role.EDITOR, 200), (Role.VIEWER, 403)):
        who = member(offer.seller, role)
        for step in ("review", "fix", "confirm"):
            expected = status if step == "review" or status == 403 else 302
            assert who.client.get(reverse(f"resolve-{step}", args=[offer.pk])).status_code == expected
        assert who.client.post(reverse("resolve-review", args=[offer.pk])).status_code in {403, 422}
    viewer = member(offer.seller, Role.VIEWER)
    refusal = page(viewer.client.get(reverse("resolve-review", args=[offer.pk])))
    assert "Only owners and editors of the seller can do this. Ask one of them." in refusal.text
    for name in ("offer-resolve", "resolve-review", "resolve-fix", "resolve-confirm", "offer-edit"):
        for method in ("get", "post"):
            answer = getattr(stranger().client, method)(reverse(name, args=[offer.pk]))
            assert answer.status_code == 404, name


def test_f6_an_operator_reads_the_review_and_can_send_nothing() -> None:
    who = seller(closed_offer(), operator())
    root = who.read("review")
    assert not root.one("main").all("form")
    assert not root.all("input", name="read")
    assert "as an operator" in root.text
    for step in ("fix", "confirm"):
        assert who.get(step).headers["Location"] == who.address("review")
    for name in ("offer-resolve", "resolve-review", "resolve-fix", "resolve-confirm"):
        assert who.who.client.post(reverse(name, args=[who.offer.pk])).status_code == 403
    assert not ResolutionCase.objects.exists()


def test_the_first_address_leads_to_the_step_that_is_due() -> None:
    who = seller(closed_offer())
    start = reverse("offer-resolve", args=[who.offer.pk])
    due = [who.who.client.get(start).headers["Location"]]
    for act in (who.review, who.fix):
        act()
        due.append(who.who.client.get(start).headers["Location"])
    assert due == [who.address("review"), who.address("fix"), who.address("confirm")]


def test_a_step_that_is_not_due_leads_back_with_a_plain_message() -> None:
    who = seller(closed_offer())
    found = who.who.client.get(who.address("confirm"), follow=True)
    assert found.redirect_chain[-1][0] == who.address("review")
    assert "Read the feedback first" in page(found).text
    who.review()
    found = who.who.client.get(who.address("confirm"), follow=True)
    assert found.redirect_chain[-1][0] == who.address("fix")
    assert "The last step needs a real change" in page(found).text


def test_the_review_asks_so_many_questions() -> None:
    who = seller(closed_offer())
    assert len(queries(lambda: who.get("review"))) == 14


def test_a4_every_page_of_the_flow_speaks_french() -> None:
    who = seller(closed_offer())
    who.who.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "fr-CA"
    texts = [who.read("review").one("main").text]
    who.review()
    texts.append(who.read("fix").one("main").text)
    texts.append(page(who.fix(fix=None, title="x" * 201)).one("main").text)
    who.fix(fix=["listing", "removal", "other"], quantity="5", removal_kind="return", remedy=REMEDY)
    texts.append(who.read("confirm").one("main").text)
    texts.append(page(who.who.client.get(who.confirm().headers["Location"])).one("main").text)
    texts.append(page(who.who.client.get(reverse("offer-edit", args=[who.offer.pk]))).one("main").text)
    texts.append(who.read("review").one("main").text)  # there is nothing to resolve any more
    for text in texts:
        english = {"the", "of", "and", "your", "Your", "orders", "units", "to", "Save", "Change"}
        assert not english & set(text.replace(REMEDY, "").split()), text
