"""Orders and feedback of one offer of the demo."""

from dataclasses import replace

from vocdash.demo.plans import FIRST_SALES, Plan
from vocdash.demo.replay import Life, steps
from vocdash.demo.sales import Sale, SalesOf
from vocdash.demo.stories import stories


def plan_of(sku: str, market: str = "US") -> Plan:
    return next(plan for plan in stories() if plan.sku == sku and plan.market.code == market)


def all_sales(plan: Plan, relists: int = 0) -> list[Sale]:
    sales = SalesOf(plan)
    return [sale for day in range(FIRST_SALES, 1) for sale in sales.on(day, relists)]


def unhappy(sales: list[Sale]) -> int:
    """Orders with a complaint that is about the product or its page, as their reasons and stars tell."""
    delivery = ("late", "never", "undeliverable", "missed", "carrier", "refused")
    buyer = ("unwanted", "wrong_item", "better_price", "no_reason", "unauthorized", "changed_mind")
    return sum(
        1
        for sale in sales
        if sale.said
        and (sale.said[0].stars is None or sale.said[0].stars == 1)
        and not any(word in sale.said[0].reason.casefold() for word in (*delivery, *buyer))
    )


def test_the_same_offer_sells_the_same_every_time() -> None:
    plan = plan_of("JP-KET-17-BLK")
    assert all_sales(plan) == all_sales(plan)


def test_an_offer_sells_between_its_first_and_last_day_only() -> None:
    plan = plan_of("JP-CND-400-TER")
    days = [sale.day for sale in all_sales(plan)]
    assert min(days) >= FIRST_SALES
    assert max(days) == plan.trade.last_sale == -71
    assert all_sales(plan_of("JP-HRB-3-FOR")) == []


def test_a_story_has_as_many_unhappy_orders_as_it_tells() -> None:
    plan = plan_of("JP-KET-17-BLK")
    late = [sale for sale in all_sales(plan) if sale.day >= -38]
    assert abs(unhappy(late) / len(late) - 0.25) < 0.03


def test_after_a_relist_it_goes_better() -> None:
    plan = plan_of("JP-LMP-USB-STL")
    before, after = all_sales(plan), all_sales(plan, relists=1)
    assert unhappy(after) < unhappy(before) / 4


def test_customers_come_again() -> None:
    customers = [sale.customer for plan in stories() for sale in all_sales(plan) if sale.customer]
    assert 0.5 < len(set(customers)) / len(customers) < 0.95


def test_feedback_comes_after_its_order() -> None:
    for sale in all_sales(plan_of("JP-BTL-750-SLT")):
        assert all(said.day > sale.day for said in sale.said)


def test_nobody_buys_what_is_closed_or_gone() -> None:
    plan = plan_of("JP-KET-17-BLK")
    life = Life(plan, SalesOf(plan), FIRST_SALES)
    assert max(sale.day for _, sale in life.sold_until(-60)) == -60
    life.closed_since = -50
    assert {sale.day for _, sale in life.sold_until(-40)} == set(range(-59, -50))
    life.closed_since = None
    life.gone_since = -35
    assert {sale.day for _, sale in life.sold_until(0)} == set(range(-39, -35))


def test_what_a_closed_offer_would_have_sold_does_not_change_what_it_sells_later() -> None:
    plan = replace(plan_of("JP-KET-17-BLK"))
    whole = {sale.order_id for sale in all_sales(plan) if sale.day > -30}
    life = Life(plan, SalesOf(plan), FIRST_SALES, closed_since=-40)
    list(life.sold_until(-30))
    life.closed_since = None
    assert {sale.order_id for _, sale in life.sold_until(0)} == whole


def test_steps_cover_all_nights_once_and_end_one_by_one() -> None:
    for nights in (1, 2, 5, 7, 30, 60):
        made = steps(nights)
        assert [day for step in made for day in step] == list(range(1 - nights, 1))
        assert max(len(step) for step in made) <= 4
    assert [len(step) for step in steps(60)][-3:] == [1, 1, 1]
    assert len(steps(60)[0]) == 3
