"""Short sentences that several pages share, in the active language."""

from django.utils.translation import get_language, gettext, ngettext

from health.grouping import Level
from vocdash.pages.formats import locale


def account_untouched() -> str:
    """PRODUCT A5, for the foot of every page."""
    return gettext("NCX rates and CX health never lead to account-level action.")


def offers_counted(count: int) -> str:
    """How many offers a list holds."""
    words = ngettext("%(count)s offer", "%(count)s offers", count)
    return words % {"count": _count(count)}


def closed_note(count: int) -> tuple[str, str, str]:
    """The note above the grid while offers are closed: headline, what it means, the link's words."""
    values = {"count": _count(count)}
    # Not why: an operator may have closed one by hand. Each offer's own page says it.
    headline = ngettext("%(count)s offer is closed.", "%(count)s offers are closed.", count)
    meaning = ngettext(
        "Customers can't buy it until you review the feedback and relist. "
        "Closures don't affect your seller account.",
        "Customers can't buy them until you review the feedback and relist. "
        "Closures don't affect your seller account.",
        count,
    )
    link = ngettext("Show the offer", "Show the %(count)s offers", count)
    return headline % values, meaning, link % values


def change_since_last_week(now: int, before: int | None) -> str:
    """How a tile's count moved; "" where there is nothing to compare with."""
    if before is None:
        return ""
    if now == before:
        return gettext("As last week")
    values = {"count": _count(abs(now - before))}
    if now > before:
        return gettext("%(count)s more than last week") % values
    return gettext("%(count)s fewer than last week") % values


def no_match(search: str) -> str:
    """The headline of a search or filter that finds nothing."""
    if search:
        return gettext("No offers match “%(search)s” with these filters") % {"search": search}
    return gettext("No offers match these filters")


def nothing_closed(at_risk: int) -> str:
    """The line below "Nothing needs your attention"."""
    if not at_risk:
        return gettext("No offers are closed, and none is Poor or Very poor.")
    sentence = ngettext(
        "No offers are closed. %(count)s offer is Poor or Very poor and may be at risk.",
        "No offers are closed. %(count)s offers are Poor or Very poor and may be at risk.",
        at_risk,
    )
    return sentence % {"count": _count(at_risk)}


def group_label(level: Level, category: str, marketplace: str) -> str:
    """Name a group of similar offers. `category` is the step of the path that the level stands for."""
    values = {"category": category or gettext("Uncategorised"), "marketplace": marketplace}
    if level == Level.MARKETPLACE:
        return gettext("all offers on %(marketplace)s") % values
    if level == Level.PEER_GROUP:
        return gettext("offers in %(category)s of a similar price and the same condition") % values
    return gettext("offers in %(category)s") % values


def orders_to_fair(clean_orders: int) -> str:
    """METHOD 7: the clean orders in a row that lead to Fair."""
    if clean_orders == 0:
        return gettext("Its numbers are already Fair or better; the change shows once that has held.")
    sentence = ngettext(
        "About %(count)s more order without a problem, if none of today's orders aged out.",
        "About %(count)s more orders in a row without a problem, if none of today's orders aged out.",
        clean_orders,
    )
    return sentence % {"count": _count(clean_orders)}


def weeks_to_fair(weeks: int | None, window_days: int) -> str:
    """METHOD 7: the weeks to recover; None where the window does not suffice."""
    if weeks is None:
        return gettext("more than %(days)s days") % {"days": _count(window_days)}
    return ngettext("%(count)s week", "%(count)s weeks", weeks) % {"count": _count(weeks)}


def closing_evidence(order_days: int, event_days: int, newest_days: int) -> str:
    """METHOD 6 in words for the seller: the cluster tests that a closure has passed."""
    values = {"days": _count(order_days), "events": _count(event_days), "newest": _count(newest_days)}
    return (
        gettext(
            "Each buyer was counted once. Leaving out any %(days)s days of orders, or all complaints that "
            "came in within any %(events)s days, the offer would still be rated Poor, and the newest "
            "%(newest)s days show the same problem."
        )
        % values
    )


def _count(number: int) -> str:
    return locale(get_language()).count(number)
