"""The admin's lists: pages without a count, choices and rows found by search (F1)."""

import re

import pytest
from django.db import connection, models
from django.urls import reverse

from health.models import HealthChange
from offers import selectors
from offers.admin.paging import MOST_ROWS
from offers.models import ImportFile, ImportProblem, Membership, Offer
from tests.factories import (
    CategoryFactory,
    HealthChangeFactory,
    ImportFileFactory,
    ImportProblemFactory,
    MarketplaceFactory,
    OfferFactory,
    SellerFactory,
    UserFactory,
)
from tests.operators import operator, page_of, queries_of

pytestmark = pytest.mark.django_db


def test_f1_pages_are_followed_to_the_end_without_a_count() -> None:
    seller = SellerFactory()
    for number in range(120):
        OfferFactory(sku=f"A-{number:03}", seller=seller)
    client, address = operator(), page_of(Offer, "changelist")
    first, last = client.get(address), client.get(address, {"p": 3})
    skus = [re.findall(r"A-\d{3}(?=</a>)", page.content.decode()) for page in (first, last)]
    assert (len(skus[0]), skus[0][0], len(skus[1]), skus[1][-1]) == (50, "A-119", 20, "A-000")
    assert "More offers follow" in first.content.decode()
    assert "More offers follow" not in last.content.decode()
    assert "120\n" in re.sub(r"\n\s+", "\n", last.content.decode())
    assert 'href="?p=2"' in first.content.decode()


@pytest.mark.parametrize("page", ["4", "99999999999999", str(MOST_ROWS // 50 + 1)])
def test_f1_a_page_behind_the_end_leads_back_to_the_list(page: str) -> None:
    OfferFactory()
    answer = operator().get(page_of(Offer, "changelist"), {"p": page})
    assert answer.status_code in {200, 302}
    assert answer.status_code == 200 or answer["Location"].endswith("?e=1")


@pytest.mark.parametrize("page", ["0", "-1", "x", "1e3", "²"])
def test_f1_a_page_that_is_no_number_is_the_first(page: str) -> None:
    OfferFactory(sku="A1")
    answer = operator().get(page_of(Offer, "changelist"), {"p": page})
    assert answer.status_code == 302 or b"A1" in answer.content


@pytest.mark.parametrize(
    ("model", "field", "term", "found"),
    [
        (Offer, "marketplace", "us", "Marketplace US"),
        (Offer, "seller", "north", "Northlight Home"),
        (Offer, "category", "kettle", "Home > Kitchen > Kettles"),
        (Membership, "user", "jo", "jo"),
    ],
)
def test_f1_choices_are_searched_not_listed(
    model: type[models.Model], field: str, term: str, found: str
) -> None:
    MarketplaceFactory()
    CategoryFactory()
    SellerFactory(code="S-1", name="Northlight Home")
    UserFactory(username="jo")
    client = operator()
    names = {"app_label": model._meta.app_label, "model_name": str(model._meta.model_name)}
    asked = {**names, "field_name": field}
    answer = client.get(reverse("admin:autocomplete"), {**asked, "term": term})
    assert [row["text"] for row in answer.json()["results"]] == [found]
    # A select would hold every one of them.
    form = client.get(page_of(model, "add")).content.decode()
    select = re.search(rf'<select name="{field}".*?</select>', form, re.DOTALL)
    assert select
    assert found not in select[0]


def test_f1_searching_takes_the_whole_text_and_asks_no_join() -> None:
    offer = OfferFactory(sku='A "1" b')
    HealthChangeFactory(offer=offer)
    HealthChangeFactory(offer=OfferFactory(sku="A"))
    client = operator()
    address = f"{page_of(HealthChange, 'changelist')}?q=A+%221%22+b"
    queries = [sql for sql in queries_of(client, address) if 'FROM "health_healthchange"' in sql]
    assert len(queries) == 1
    assert "JOIN" not in queries[0].split("WHERE", 1)[1]
    page = client.get(address)
    assert page.context["cl"].result_list == [HealthChange.objects.get(offer=offer)]
    assert client.get(f"{page_of(Offer, 'changelist')}?q=%00").status_code == 200


def found_by(term: str) -> list[str]:
    """The SKUs that an operator finds, newest first."""
    page = operator().get(page_of(Offer, "changelist"), {"q": term})
    return [offer.sku for offer in page.context["cl"].result_list]


def test_f1_5_offers_are_found_by_a_part_of_their_title() -> None:
    for sku, title in (("A-1", "Copper Kettle, 1.7 L"), ("A-2", "Kettle_lamp 100%"), ("A-3", "Lamp")):
        OfferFactory(sku=sku, title=title)
    assert found_by("kettle") == ["A-2", "A-1"]
    assert found_by("kettle, 1") == ["A-1"]
    assert found_by("lamp 100%") == ["A-2"]
    assert found_by("a-3") == ["A-3"]
    assert found_by("nothing like it") == []


@pytest.mark.parametrize("term", ["La", "a_b", "1.7", "%", "e,"])
def test_f1_5_what_no_index_narrows_down_is_no_part_of_a_title(term: str) -> None:
    OfferFactory(sku="A-1", title="Lamp a_b, 1.7 %")
    assert found_by(term) == []


def test_f1_5_without_an_index_of_words_the_newest_offers_are_looked_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(4):
        OfferFactory(sku=f"A-{number}", title="Copper kettle")
    monkeypatch.setattr(selectors, "has_word_index", lambda: False)
    monkeypatch.setattr(selectors, "NEWEST", 2)
    assert found_by("kettle") == ["A-3", "A-2"]
    assert found_by("A-0") == ["A-0"]


def test_f1_5_the_list_says_what_can_be_searched_for() -> None:
    said = operator().get(page_of(Offer, "changelist")).content.decode()
    bounded = "of the title of one of the newest 20,000 offers" in said
    assert bounded == (connection.vendor == "sqlite")
    assert "three letters or more of the title" in said


def test_f1_a_files_bad_rows_are_one_click_away() -> None:
    problem = ImportProblemFactory(file=ImportFileFactory(bad=1))
    ImportProblemFactory(message="of another file")
    client = operator()
    page = client.get(page_of(ImportFile, "changelist")).content.decode()
    address = f"{page_of(ImportProblem, 'changelist')}?file__id__exact={problem.file.pk}"
    assert f'href="{address}"' in page
    assert client.get(address).context["cl"].result_list == [problem]
