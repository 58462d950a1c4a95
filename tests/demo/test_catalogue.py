"""The demo's catalogue: products, phrases and shops that pages can show without blushing."""

from collections.abc import Iterator

import pytest

from feedback.reasons import Reason
from feedback.words import WORDS
from vocdash.demo.assortment import assortment, chance_of
from vocdash.demo.plans import Plan
from vocdash.demo.products import Kind, kinds
from vocdash.demo.shops import shops
from vocdash.demo.speech import complaint, phrases
from vocdash.demo.stories import stories
from vocdash.pages.drawings import DRAWINGS
from vocdash.pages.pictures import TINTS

LANGUAGES = ("en", "fr")


@pytest.fixture(scope="module")
def plans() -> list[Plan]:
    return assortment(2000, stories())


def facts() -> Iterator[tuple[str, str, Reason]]:
    """Every complaint of the catalogue: where it stands, its words, its reason."""
    for language in LANGUAGES:
        said = phrases(language)
        for reason, texts in said.facts.items():
            for text in texts:
                yield language, text.replace("{part}", "lid").replace("{span}", said.spans[0]), reason
        for kind in kinds().values():
            for reason, pairs in kind.facts.items():
                for pair in pairs:
                    text = pair.said_in(language).replace("{span}", said.spans[0]).replace("{age}", "7")
                    yield f"{kind.name}, {language}", text, reason


def test_every_complaint_is_understood_by_its_words_alone() -> None:
    wrong = []
    for where, text, reason in facts():
        hit = WORDS.find(text)
        counted = hit is not None and hit.reason.cause.counts
        if counted != reason.cause.counts:
            wrong.append(f"{where}, {reason}: {text} -> {hit}")
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stands_around_a_complaint_says_nothing_of_its_own(language: str) -> None:
    said = phrases(language)
    praise = [text for stars in (3, 4, 5) for text in said.stars[stars]]
    telling = {text: WORDS.find(text) for text in [*said.openers, *said.closers, *said.spans, *praise]}
    assert {text: hit for text, hit in telling.items() if hit} == {}


def test_pages_do_not_look_repeated() -> None:
    """PRODUCT G1: believable comments: a hundred complaints of one kind and reason are hardly ever alike."""
    kettle, chance = kinds()["kettle"], chance_of("test")
    for language in LANGUAGES:
        said = {complaint(kettle, Reason.DEFECTIVE, language, chance) for _ in range(100)}
        assert len(said) > 85
        assert not [text for text in said if "{" in text]


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.name)
def test_every_kind_has_a_picture_and_two_languages(kind: Kind) -> None:
    assert kind.picture in DRAWINGS
    assert {color.tint for color in kind.colors} <= set(TINTS)
    assert 2 <= len(kind.category.split(" > ")) <= 3
    assert all(noun.en != noun.fr for noun in kind.nouns)
    assert kind.price[0] < kind.price[1]
    assert kind.facts


def test_g1_some_two_thousand_offers_of_many_shops_in_groups_that_can_be_compared(plans: list[Plan]) -> None:
    assert 1950 <= len(plans) <= 2050
    for market, least in (("US", 30), ("CA", 9)):
        here = [plan for plan in plans if plan.market.code == market]
        assert len({plan.shop.code for plan in here}) >= 24
        categories = {plan.product.kind.category for plan in here}
        sizes = {name: sum(plan.product.kind.category == name for plan in here) for name in categories}
        assert min(sizes.values()) >= least, sizes


def test_skus_are_given_once_and_titles_fit(plans: list[Plan]) -> None:
    keys = [(plan.market.code, plan.shop.code, plan.sku, plan.life) for plan in plans]
    assert len(set(keys)) == len(keys)
    assert max(len(plan.title) for plan in plans) <= 200
    assert all(plan.price > 5 for plan in plans)


def test_the_same_product_has_the_same_id_on_both_marketplaces(plans: list[Plan]) -> None:
    both: dict[str, set[str]] = {}
    for plan in plans:
        both.setdefault(f"{plan.shop.code} {plan.sku}", set()).add(plan.product_id)
    shared = [ids for ids in both.values() if len(ids) > 1]
    assert shared == []
    assert len({plan.product_id for plan in plans}) < len(plans)


def test_planning_twice_gives_the_same_plans(plans: list[Plan]) -> None:
    assert assortment(2000, stories()) == plans


def test_a_demo_too_small_for_its_stories_is_refused() -> None:
    with pytest.raises(ValueError, match="at least"):
        assortment(10, stories())


def test_people_have_addresses_that_cannot_exist() -> None:
    domains = {shop.domain for shop in shops().values()}
    assert len(domains) == len(shops())
    assert all(domain.endswith(".example") and domain.isascii() for domain in domains)


def test_no_real_seller_has_a_code_of_the_demo() -> None:
    assert all(shop.code.startswith("demo-") for shop in shops().values())
