"""The page after confirming: what was done, what to expect, what comes next (UX 5c). All of it is frozen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from health.bands import poor_cutoff
from health.models import ResolutionCase
from health.resolving import next_closed
from health.trend import parse, week_of
from offers.models import Offer
from vocdash.pages import charts
from vocdash.pages.access import Nights
from vocdash.pages.formats import Locale, locale
from vocdash.pages.listing_changes import Change, changes
from vocdash.pages.offer_data import health_of
from vocdash.pages.phrases import weeks_to_fair
from vocdash.pages.resolve_fix import edits_counted
from vocdash.pages.resolve_flow import crumbs_to
from vocdash.pages.shell import address_of
from vocdash.pages.states import STATE_OF_TILE


@dataclass(frozen=True, slots=True)
class Doing:
    """One thing that was done; `link` leads to it, `name` is what it is called."""

    words: str
    name: str = ""
    link: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """The forecast: its chart, the assumption, and the weeks for two of them."""

    chart: SafeString
    assumption: str
    weeks: list[tuple[str, str]]
    note: str


@dataclass(frozen=True, slots=True)
class DonePage:
    """The page."""

    crumbs: list[tuple[str, str]]
    heading: str
    sentence: str
    reference: str
    nothing_to_sell: bool
    doings: list[Doing]
    edits: list[Change]
    expected: Expected | None
    next_label: str
    next_address: str
    offer_address: str


def build_done(offer: Offer, nights: Nights, case: ResolutionCase) -> DonePage:
    """The page of a case that is done."""
    relisted = case.kind == ResolutionCase.Kind.RELIST
    found, summary = _edits(case.summary), case.summary
    following, waiting = next_closed(offer)
    return DonePage(
        crumbs=crumbs_to(offer, gettext("Relisted") if relisted else gettext("Changes confirmed")),
        heading=gettext("Your offer is open again") if relisted else gettext("Your changes are confirmed"),
        sentence=_sentence(offer, case, relisted=relisted),
        reference=case.reference or "",
        nothing_to_sell=relisted and bool(summary.get("nothing_to_sell")),
        doings=list(_doings(offer, case, found)),
        edits=found,
        expected=_expected(offer, nights, case),
        next_label=_next(waiting),
        next_address=address_of("offer", following.pk) if following else "",
        offer_address=address_of("offer", offer.pk),
    )


def _edits(summary: Mapping[str, Any]) -> list[Change]:
    listing = summary.get("listing") or {}
    return changes(listing["before"], listing["after"], cut=True) if listing else []


def _sentence(offer: Offer, case: ResolutionCase, *, relisted: bool) -> str:
    style, at = locale(get_language()), case.confirmed_at
    if at is None:
        return ""
    local = at.astimezone(offer.marketplace.zone)
    edited = (case.summary.get("listing") or {}).get("after") or {}
    values = {
        "title": edited.get("title") or case.summary.get("title", offer.title),
        "day": style.day(local),
        "time": style.time(local),
    }
    if relisted:
        return gettext("%(title)s was relisted on %(day)s at %(time)s.") % values
    return gettext("%(title)s was improved on %(day)s at %(time)s.") % values


def _doings(offer: Offer, case: ResolutionCase, found: list[Change]) -> Iterator[Doing]:
    style, summary = locale(get_language()), case.summary
    if found:
        yield Doing(gettext("Listing updated: %(edits)s") % {"edits": edits_counted(len(found))})
    removal = summary.get("removal") or {}
    if removal:
        units = int(removal["quantity"])
        words = ngettext("submitted: %(count)s unit", "submitted: %(count)s units", units)
        yield Doing(
            gettext("Removal order"),
            removal["reference"],
            address_of("removal", case.removal_id),
            words % {"count": style.count(units)},
        )
    if summary.get("remedy"):
        yield Doing(gettext("What you have done was noted."))
    link = f"{address_of('offer', offer.pk)}#timeline-head"
    yield Doing(gettext("Saved in the offer's"), gettext("timeline"), link)


def _next(waiting: int) -> str:
    if not waiting:
        return ""
    words = ngettext("Resolve the last closed offer", "Resolve the next of %(count)s offers", waiting)
    return words % {"count": locale(get_language()).count(waiting)}


def _expected(offer: Offer, nights: Nights, case: ResolutionCase) -> Expected | None:
    forecast = case.summary.get("forecast")
    if not forecast or forecast.get("rate") is None:
        return None
    style = locale(get_language())
    window, usual = int(forecast["window_days"]), style.percent(float(forecast["typical"]))
    note = gettext(
        "CX health is based on past orders, so it may stay %(band)s for several weeks even when "
        "everything is fixed. That's normal."
    ) % {"band": STATE_OF_TILE[int(forecast["band"])].label}
    if case.relist_id:
        note = f"{note} {_weighed(nights, style)}"
    return Expected(
        chart=SafeString(_chart(offer, nights, case, forecast, style)),
        assumption=gettext("If new orders go like similar offers (%(rate)s) or better") % {"rate": usual},
        weeks=[
            (gettext("no problems"), weeks_to_fair(forecast["weeks_clean"], window)),
            (
                gettext("problems as often as similar offers (%(rate)s)") % {"rate": usual},
                weeks_to_fair(forecast["weeks_usual"], window),
            ),
        ],
        note=note,
    )


def _weighed(nights: Nights, style: Locale) -> str:
    """Why Fair can come while the plain rate is above its line (METHOD 1)."""
    return gettext(
        "Orders from before the relist count %(weight)s towards CX health, so Fair can come before the rate "
        "is down at the line."
    ) % {"weight": style.percent(nights.policy.relist_weight, 0)}


def _chart(
    offer: Offer, nights: Nights, case: ResolutionCase, forecast: Mapping[str, Any], style: Locale
) -> str:
    as_of = date.fromisoformat(str(forecast["as_of"]))
    past = [*_weeks_before(offer, as_of), float(forecast["rate"])]
    ahead = [
        (min(week), max(week), max(week))
        for week in (tuple(map(float, pair)) for pair in forecast["ahead"] if None not in pair)
    ]
    target = float(poor_cutoff(np.array([float(forecast["typical"])]), nights.policy)[0])
    today = len(past) - 1
    step = 2 if len(past) + len(ahead) <= 10 else 4  # weeks between two dates below the chart
    return charts.recovery(
        past,
        ahead,
        target=target,
        relisted_at=today if case.relist_id else None,
        labels=[
            (today + week, style.day_short(as_of + timedelta(weeks=week)))
            for week in range(step, len(ahead) + 1, step)
        ],
        words=_words(past[-1], target, ahead, as_of, style),
        percent=style.percent,
        uid="recovery",
        tone=STATE_OF_TILE[int(forecast["band"])].tone,
    )


def _weeks_before(offer: Offer, as_of: date) -> list[float]:
    """The offer's weekly rates before a night, as far as the grid keeps them."""
    health = health_of(offer)
    return [point.rate for point in parse(health.trend if health else "") if point.week < week_of(as_of)]


def _words(
    now: float, target: float, ahead: list[tuple[float, float, float]], as_of: date, style: Locale
) -> charts.RecoveryWords:
    last = ahead[-1][1] if ahead else now
    values = {
        "now": style.percent(now),
        "target": style.percent(target),
        "last": style.percent(last),
        "weeks": style.count(len(ahead)),
    }
    return charts.RecoveryWords(
        title=gettext("NCX rate before and after, with a forecast"),
        description=gettext(
            "The rate was %(now)s. If new orders go like similar offers, it is %(last)s after %(weeks)s "
            "weeks. Poor begins at %(target)s."
        )
        % values,
        target=gettext("Fair: %(target)s") % values,
        forecast=gettext("Forecast %(last)s") % values,
        relisted=gettext("Relisted"),
        today=style.day_short(as_of),
    )
