"""The funnel plot of the insights page: which offers stand out, and which may just be lucky or unlucky."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from health.funnel import INNER, OUTER, Limits, beyond, limits
from health.insights import Named, Place
from vocdash.pages import charts
from vocdash.pages.charts import Frame, FunnelLimits, FunnelWords, Mark, Spot
from vocdash.pages.formats import Locale, locale
from vocdash.pages.insights_state import InsightsState
from vocdash.pages.phrases import offers_counted
from vocdash.pages.shell import address_of
from vocdash.pages.states import BANDS, INSUFFICIENT, STATE_OF_TILE, HealthState

# However many offers there are: so many places beyond the limits are drawn one by one, worst first, and
# about so many more after offers that lie close together were gathered.
_ABOVE: Final = 40
_BELOW: Final = 15
_GATHERED: Final = 220
_LABELS: Final = 8
_LONGEST_LABEL: Final = 26


@dataclass(frozen=True, slots=True)
class Plotted:
    """What stands where. above, below: places beyond the wider limits, farthest first, as far as listed.

    spots: all marks, those places first. beyond_above, beyond_below: offers beyond, listed or not.
    """

    frame: Frame
    typical: float
    outer: FunnelLimits
    inner: FunnelLimits
    above: Sequence[Place]
    below: Sequence[Place]
    spots: Sequence[Spot]
    beyond_above: int
    beyond_below: int
    bands: Mapping[int, int]
    gathered: bool

    @property
    def single_offers(self) -> Collection[int]:
        """The offers that have a mark of their own."""
        return [spot.offer for spot in self.spots if spot.offers == 1]


def plot_places(places: Sequence[Place], typical: float) -> Plotted | None:
    """Put the offers into the funnel; None without offers that have orders and something to compare with."""
    if not places or not typical > 0:
        return None
    orders, ncx = (np.array([place[column] for place in places], np.int64) for column in range(2))
    low, high = beyond(orders, ncx, limits(orders, typical, OUTER))
    over = ncx - orders * limits(orders, typical, OUTER).high
    under = orders * limits(orders, typical, OUTER).low - ncx
    above, below = _farthest(places, high, over), _farthest(places, low, under)
    listed = [*above[:_ABOVE], *below[:_BELOW]]
    rest = [place for place, far in zip(places, high | low, strict=True) if not far]
    rest += [*above[_ABOVE:], *below[_BELOW:]]
    frame = charts.frame_of([_spot(place) for place in places], typical)
    gathered = charts.gather([_spot(place) for place in rest], frame, _GATHERED)
    at = charts.steps(frame)
    return Plotted(
        frame=frame,
        typical=typical,
        outer=_points(at, limits(np.array(at), typical, OUTER)),
        inner=_points(at, limits(np.array(at), typical, INNER)),
        above=above[:_ABOVE],
        below=below[:_BELOW],
        spots=[*(_spot(place) for place in listed), *gathered],
        beyond_above=sum(place.offers for place in above),
        beyond_below=sum(place.offers for place in below),
        bands=_by_band(places),
        gathered=any(spot.offers > 1 for spot in gathered),
    )


def _farthest(places: Sequence[Place], where: np.ndarray, by: np.ndarray) -> list[Place]:
    chosen = np.flatnonzero(where)
    return [places[i] for i in chosen[np.argsort(-by[chosen], kind="stable")].tolist()]


def _spot(place: Place) -> Spot:
    tone = STATE_OF_TILE[place.tile].tone
    return Spot(place.orders, place.ncx_orders / place.orders, tone, place.offers, place.offer_id)


def _points(at: Sequence[int], found: Limits) -> FunnelLimits:
    return FunnelLimits(list(zip(map(float, at), found.low.tolist(), found.high.tolist(), strict=True)))


def _by_band(places: Sequence[Place]) -> dict[int, int]:
    found: Counter[int] = Counter()
    for place in places:
        found[place.tile] += place.offers
    return dict(found)


@dataclass(frozen=True, slots=True)
class Standout:
    """A row of the chart's table: offers beyond the limits."""

    name: str
    sku: str
    address: str
    state: HealthState
    ncx_orders: int
    orders: int
    rate: float
    limit: float
    above: bool


@dataclass(frozen=True, slots=True)
class Key:
    """An entry of the legend: shape, band, number of offers, and the grid that lists them."""

    shape: SafeString
    label: str
    offers: int
    address: str


@dataclass(frozen=True, slots=True)
class FunnelPanel:
    """The chart with its legend, what it says, and its table."""

    chart: SafeString
    keys: list[Key]
    finding: str
    notes: list[str]
    rows: list[Standout]
    left_out: str


def build_funnel(
    plotted: Plotted | None, named: Mapping[int, Named], state: InsightsState
) -> FunnelPanel | None:
    """The panel; None where there is nothing to plot."""
    if plotted is None:
        return None
    style = locale(get_language())
    finding = _finding(plotted, style)
    svg = charts.funnel(
        [_mark(spot, place, named, state, style) for place, spot in enumerate(plotted.spots)],
        (plotted.outer, plotted.inner),
        plotted.typical,
        plotted.frame,
        words=FunnelWords(
            title=gettext("Each of your offers: NCX rate against number of orders"),
            description=finding,
            axis=gettext("Orders (log scale)"),
        ),
        percent=style.percent,
        count=style.count,
        uid="funnel",
    )
    sides = [(place, True) for place in plotted.above] + [(place, False) for place in plotted.below]
    return FunnelPanel(
        chart=SafeString(svg),
        keys=_keys(plotted, state),
        finding=finding,
        notes=_notes(plotted, style),
        rows=[_standout(place, named, state, plotted.typical, above=above) for place, above in sides],
        left_out=_left_out(plotted, style),
    )


def _address(tile: int, named: Named | None, state: InsightsState) -> str:
    """The offer of a mark that stands for one, else the grid of its band."""
    if named:
        return address_of("offer", named.offer_id)
    return state.dashboard(band=STATE_OF_TILE[tile].key)


def _mark(spot: Spot, place: int, named: Mapping[int, Named], state: InsightsState, style: Locale) -> Mark:
    offer = named.get(spot.offer) if spot.offers == 1 else None
    band = next(one for one in (*BANDS, INSUFFICIENT) if one.tone == spot.tone)
    values = {
        "band": band.label,
        "count": style.count(spot.offers),
        "rate": style.percent(spot.rate),
        "orders": style.count(round(spot.orders)),
    }
    if offer is None:
        words = gettext("%(count)s offers, %(band)s: about %(orders)s orders each, NCX rate about %(rate)s")
        return Mark(spot, _address(band.tile, None, state), words % values)
    values |= {"title": offer.title, "ncx": style.count(offer.ncx_orders)}
    words = gettext("%(title)s, %(band)s: %(ncx)s of %(orders)s orders (%(rate)s)") % values
    label = _short(offer.title) if place < _LABELS and band in BANDS[:2] else ""
    return Mark(spot, _address(band.tile, offer, state), words, label)


def _short(title: str) -> str:
    """The beginning of a title, up to its first comma and not much longer than a few words."""
    start = title.split(",", maxsplit=1)[0].strip()
    return start if len(start) <= _LONGEST_LABEL else f"{start[: _LONGEST_LABEL - 1].rstrip()}…"


def _finding(plotted: Plotted, style: Locale) -> str:
    if not plotted.beyond_above:
        return gettext("No offer lies above the funnel: each NCX rate can still be chance.")
    return ngettext(
        "%(count)s of %(offers)s offers lies above the funnel: chance alone is unlikely to explain its "
        "NCX rate.",
        "%(count)s of %(offers)s offers lie above the funnel: chance alone is unlikely to explain their "
        "NCX rates.",
        plotted.beyond_above,
    ) % {"count": style.count(plotted.beyond_above), "offers": style.count(sum(plotted.bands.values()))}


def _notes(plotted: Plotted, style: Locale) -> list[str]:
    values = {
        "typical": style.percent(plotted.typical),
        "inner": style.percent(1 - 2 * INNER, 0),
        "outer": style.percent(1 - 2 * OUTER, 1),
        "top": style.percent(plotted.frame.top, 0),
    }
    notes = [
        gettext(
            "The line is what similar offers average for all of these offers together, %(typical)s. By "
            "chance alone %(inner)s of offers at that rate lie in the darker funnel, %(outer)s in the whole "
            "one. CX health compares each offer with its own similar offers, so shape and place can differ."
        )
        % values
    ]
    if any(spot.rate > plotted.frame.top for spot in plotted.spots):
        notes.append(gettext("Rates above %(top)s are drawn at the upper edge.") % values)
    if plotted.gathered:
        notes.append(
            gettext("Offers of one band that lie close together share a mark; the larger, the more offers.")
        )
    return notes


def _keys(plotted: Plotted, state: InsightsState) -> list[Key]:
    return [
        Key(
            SafeString(charts.shape(band.tone)),
            str(band.label),
            plotted.bands[band.tile],
            state.dashboard(band=band.key),
        )
        for band in (*BANDS, INSUFFICIENT)
        if plotted.bands.get(band.tile)
    ]


def _standout(
    place: Place, named: Mapping[int, Named], state: InsightsState, typical: float, *, above: bool
) -> Standout:
    offer = named.get(place.offer_id) if place.offers == 1 else None
    found = limits(np.array([place.orders]), typical, OUTER)
    return Standout(
        name=offer.title if offer else offers_counted(place.offers),
        sku=offer.sku if offer else "",
        address=_address(place.tile, offer, state),
        state=STATE_OF_TILE[place.tile],
        ncx_orders=place.ncx_orders,
        orders=place.orders,
        rate=place.ncx_orders / place.orders,
        limit=float(found.high[0] if above else found.low[0]),
        above=above,
    )


def _left_out(plotted: Plotted, style: Locale) -> str:
    """How many offers beyond the limits the table does not list."""
    listed = sum(place.offers for place in (*plotted.above, *plotted.below))
    missing = plotted.beyond_above + plotted.beyond_below - listed
    if not missing:
        return ""
    sentence = ngettext(
        "%(count)s more offer beyond the limits, less far out, is not listed.",
        "%(count)s more offers beyond the limits, less far out, are not listed.",
        missing,
    )
    return sentence % {"count": style.count(missing)}
