"""Why an offer's health is what it is, and what it takes to reach Fair (PRODUCT C1, C6)."""

from dataclasses import dataclass

import numpy as np
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from health.bands import Band
from health.forecast import Counts, verdict_facts, wilson
from health.grouping import Level
from health.offer_detail import WayToFair, way_to_fair
from offers.models import Offer
from vocdash.pages.facts import Chance, Facts, Minimums, Similar
from vocdash.pages.formats import Locale, locale
from vocdash.pages.offer_data import Computed, OfferData
from vocdash.pages.phrases import group_label, orders_to_fair, weeks_to_fair
from vocdash.pages.states import STATE_OF_TILE, HealthState
from vocdash.pages.wording import as_html, verdict


@dataclass(frozen=True, slots=True)
class Stat:
    """One of the four numbers: its name, the number, what stands below it."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Way:
    """What it takes to reach Fair: a sentence, and weeks for two assumptions about new orders."""

    headline: str
    pace: str
    rows: list[tuple[str, str, str]]
    note: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The page's answer to "why"."""

    state: HealthState
    last_band: HealthState | None
    sentence: SafeString
    stats: list[Stat]
    way: Way | None


def build_verdict(data: OfferData) -> Verdict:
    """The verdict in words, in the active language."""
    style, computed = locale(get_language()), data.computed
    last = (
        STATE_OF_TILE.get(computed.health.band)
        if computed and data.deleted and computed.health.band
        else None
    )
    return Verdict(
        state=data.state,
        last_band=last,
        sentence=_sentence(data),
        stats=_stats(data.offer, computed, style) if computed else [],
        way=_way(data.offer, computed, style) if computed else None,
    )


def _sentence(data: OfferData) -> SafeString:
    if data.computed is None and not data.deleted:
        return SafeString(
            gettext("This offer's health has not been computed yet. It is shown after the next nightly run.")
        )
    return as_html(verdict(facts_of(data)))


def facts_of(data: OfferData) -> Facts:
    """The numbers behind the sentence. Counts are the plain ones of the window."""
    computed, offer, state = data.computed, data.offer, data.state
    if computed is None:
        return Facts(state=state, window_days=0, deleted_on=offer.deleted_on)
    health, policy = computed.health, computed.policy
    discounted = offer.relisted_on if health.n != health.orders else None
    return Facts(
        state=state,
        window_days=health.window_days,
        orders=health.orders,
        ncx_orders=health.ncx_orders,
        comments=health.comments,
        similar=similar_of(offer, computed),
        chance=_chance(computed),
        minimums=Minimums(
            ncx_orders=int(policy.poor_min_k), comments=policy.poor_min_c, orders=int(policy.rate_min_n)
        ),
        discounted_before=discounted,
        relist_weight=policy.relist_weight,
        last_ordered_on=health.last_ordered_on,
        deleted_on=offer.deleted_on,
    )


def similar_of(offer: Offer, computed: Computed) -> Similar | None:
    """The similar offers, and the closest group where a wider one was needed."""
    health = computed.health
    if health.m is None or health.level is None:
        return None
    level, compared = Level(health.level), computed.compared
    backed_off = level is not Level.PEER_GROUP and compared is not None
    return Similar(
        typical=health.m,
        group=group_of(offer, level),
        offers=health.similar_offers,
        narrower=group_of(offer, Level.PEER_GROUP) if backed_off else "",
        narrower_offers=compared.nearest if compared and backed_off else 0,
    )


def group_of(offer: Offer, level: Level) -> str:
    """The label of the offer's group on a level."""
    steps = [step.strip() for step in offer.category.path.split(">")] if offer.category else [""]
    step = steps[0] if level is Level.TOP_CATEGORY else steps[-1]
    return group_label(level, step, offer.marketplace.name)


def _chance(computed: Computed) -> Chance | None:
    health, policy = computed.health, computed.policy
    if not health.orders or health.m is None or health.s is None:
        return None
    counts = Counts(orders=health.orders, ncx_orders=health.ncx_orders, n=health.n, k=health.k)
    found = verdict_facts(counts, health.m, health.s, Band(health.band), policy)
    return Chance(
        mean=found.underlying,
        probability=found.chance,
        cutoff=found.cutoff,
        multiple=found.multiple,
        cap=policy.chance_cap,
    )


def _stats(offer: Offer, computed: Computed, style: Locale) -> list[Stat]:
    health = computed.health
    updated = Stat(
        gettext("Last updated"),
        style.day(health.last_updated_on) if health.last_updated_on else "–",
        gettext("last order or NCX"),
    )
    if not health.orders:
        return [updated]
    orders = ngettext(
        "of %(count)s order in %(days)s days", "of %(count)s orders in %(days)s days", health.orders
    )
    values = {"count": style.count(health.orders), "days": style.count(health.window_days)}
    return [
        Stat(gettext("NCX rate"), style.percent(health.rate or 0.0), _likely(computed, style)),
        Stat(gettext("NCX orders"), style.count(health.ncx_orders), orders % values),
        _similar_stat(offer, computed, style),
        updated,
    ]


def likely_range(computed: Computed) -> tuple[float, float]:
    """The Wilson interval of the plain rate."""
    health = computed.health
    low, high = wilson(
        np.array([float(health.ncx_orders)]), np.array([float(health.orders)]), computed.policy.wilson_z
    )
    return float(low[0]), float(high[0])


def _likely(computed: Computed, style: Locale) -> str:
    low, high = likely_range(computed)
    return gettext("likely %(low)s to %(high)s") % {"low": style.percent(low), "high": style.percent(high)}


def _similar_stat(offer: Offer, computed: Computed, style: Locale) -> Stat:
    health, similar = computed.health, similar_of(offer, computed)
    if similar is None or health.peer_p10 is None or health.peer_p90 is None:
        return Stat(gettext("Similar offers"), "–", "")
    note = ngettext(
        "most %(low)s to %(high)s, %(count)s offer",
        "most %(low)s to %(high)s, %(count)s offers",
        similar.offers,
    )
    values = {
        "low": style.percent(health.peer_p10),
        "high": style.percent(health.peer_p90),
        "count": style.count(similar.offers),
    }
    return Stat(gettext("Similar offers"), style.percent(similar.typical), note % values)


def _way(offer: Offer, computed: Computed, style: Locale) -> Way | None:
    found = way_to_fair(offer, computed.health, computed.orders, computed.complaints, computed.policy)
    if found is None:
        return None
    days, m = computed.health.window_days, computed.health.m or 0.0
    rows = [
        (gettext("no problems"), _orders(found, style), weeks_to_fair(found.weeks_clean, days)),
        (
            gettext("problems as often as similar offers (%(rate)s)") % {"rate": style.percent(m)},
            "–",
            weeks_to_fair(found.weeks_usual, days),
        ),
    ]
    return Way(
        headline=orders_to_fair(found.clean_orders),
        pace=_pace(found, style),
        rows=rows,
        note=_way_note(found, computed, style),
    )


def _orders(found: WayToFair, style: Locale) -> str:
    return style.count(found.clean_orders)


def _pace(found: WayToFair, style: Locale) -> str:
    """The head of the column with weeks."""
    weekly = found.pace * 7
    number = style.count(round(weekly)) if weekly >= 10 else style.decimals(weekly)
    if found.from_relist:
        return gettext("After a relist, at %(number)s orders a week") % {"number": number}
    return gettext("At %(number)s orders a week") % {"number": number}


def _way_note(found: WayToFair, computed: Computed, style: Locale) -> str:
    values = {
        "days": style.count(computed.health.window_days),
        "weight": style.percent(computed.policy.relist_weight, 0),
    }
    if found.from_relist:
        return (
            gettext(
                "It may take several weeks. After the relist, orders from before it count %(weight)s, and "
                "those older than %(days)s days not at all."
            )
            % values
        )
    return (
        gettext(
            "It may take several weeks. Orders older than %(days)s days stop counting, problems included."
        )
        % values
    )
