"""What customers say about the orders of a day: complaints, noise that doesn't count, and when."""

from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from feedback.actions import JUDGEMENT_COLUMNS, judgement_values
from feedback.judging import Event
from feedback.models import FeedbackEvent
from feedback.selectors import Judge
from offers.models import Marketplace
from vocdash.scale.assortment import Assortment, Floats, Ints
from vocdash.scale.columns import Column, numbered, texts
from vocdash.scale.loading import ids_from, load, reserve_ids
from vocdash.scale.sales import DayOfLines
from vocdash.scale.sizes import Size

_CHANNELS: Final = ("return", "refund", "contact", "review")
_CHANNEL_SHARES: Final = (0.5, 0.2, 0.2, 0.1)
# The empty code is judged by the words.
_COMPLAINTS: Final = (
    *("DEFECTIVE", "QUALITY_UNACCEPTABLE", "MISSING_PARTS", "NOT_AS_DESCRIBED", "APPAREL_TOO_SMALL"),
    *("NOT_COMPATIBLE", "SWITCHEROO", "BAD_DESC", "DAMAGED", ""),
)
_NOISE: Final = (
    *("MISSED_ESTIMATED_DELIVERY", "NEVER_ARRIVED", "DAMAGED_BY_CARRIER", "UNWANTED_ITEM", "MISORDERED"),
    *("FOUND_BETTER_PRICE", "NO_REASON_GIVEN"),
)
_SAID: Final = ("It broke", "The lid came off", "A screw is missing", "The zipper is defective", "It tore")
_WHEN: Final = (
    *("on the first day", "after two days", "after a week of use", "when I washed it", "as I unpacked it"),
    *("and I had looked forward to it", "which is a pity", "just like the one before"),
)
_SAID_OF_DELIVERY: Final = ("The parcel came late", "The parcel never came", "I don't need it any more")
_SILENT: Final = 0.25
_NOISE_SHARE: Final = 0.32
_AGAIN: Final = (0.2, 0.05)  # orders with a second event, and with a third
_STARS: Final = (2, 3, 4, 5)
_STAR_SHARES: Final = (0.1, 0.1, 0.3, 0.5)
_LONGEST_LAG: Final = 120


def _lags() -> Floats:
    """The part of all events that is known n days after the order: most in two weeks, few very late."""
    days = np.arange(_LONGEST_LAG + 1)
    weight = 0.97 * 0.12 * 0.88**days + 0.03 / len(days)
    known: Floats = np.cumsum(weight) / weight.sum()
    return known


@dataclass(frozen=True, slots=True)
class Spoken:
    """How many events of a day were made, how many count, and on how many orders not cancelled."""

    events: int
    counted: int
    ncx_orders: int


class Voices:
    """Everything that can be said, judged once by the rules in force.

    `complaints` and `noise`: for each kind of event its channel, code, stars and comment as rows of
    `columns`, and how often it is said.
    """

    def __init__(self) -> None:
        silent = ("",)
        said = (*silent, *(f"{what} {when}." for what, when in product(_SAID, _WHEN)))
        late = (*silent, *(f"{what}, {when}." for what, when in product(_SAID_OF_DELIVERY, _WHEN)))
        praise = ("It does what it should.", "")
        self.complaints = _by_shares(_CHANNEL_SHARES, _alike(len(_COMPLAINTS)), _said(len(said)))
        self.noise = np.append(
            0.75 * _by_shares(_normal(_CHANNEL_SHARES[:3]), _alike(len(_NOISE)), _said(len(late))),
            0.25 * _by_shares(_STAR_SHARES, _alike(len(praise))),
        )
        self.columns = _columns(
            [
                *(
                    _event(channel, code, 1, word)
                    for channel, code, word in product(_CHANNELS, _COMPLAINTS, said)
                ),
                *(
                    _event(channel, code, 1, word)
                    for channel, code, word in product(_CHANNELS[:3], _NOISE, late)
                ),
                *(_event("review", "", stars, word) for stars, word in product(_STARS, praise)),
            ]
        )

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Which of them count."""
        return self.columns["counted"].astype(np.bool_)


def _event(channel: str, code: str, stars: int, comment: str) -> Event:
    return Event(channel, code, stars if channel == "review" else None, comment)


def _said(number: int) -> tuple[float, ...]:
    """The shares of silence and of each comment."""
    return (_SILENT, *((1 - _SILENT) / (number - 1),) * (number - 1))


def _alike(number: int) -> tuple[float, ...]:
    return (1 / number,) * number


def _normal(shares: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(share / sum(shares) for share in shares)


def _by_shares(*shares: tuple[float, ...]) -> Floats:
    """The shares of all combinations, in the order of itertools.product."""
    all_shares = np.ones(1)
    for part in shares:
        all_shares = np.outer(all_shares, part).ravel()
    return all_shares


def _columns(events: list[Event]) -> dict[str, NDArray[np.generic]]:
    judge = Judge()
    judged = list(zip(*(judgement_values(judge, event) for event in events), strict=True))
    columns = {name: _column(list(values)) for name, values in zip(JUDGEMENT_COLUMNS, judged, strict=True)}
    stars = np.array([event.stars or 0 for event in events])
    return columns | {
        "channel": texts([event.channel for event in events]),
        "raw_reason": texts([event.reason for event in events]),
        "comment": texts([event.comment for event in events]),
        "stars": np.ma.MaskedArray(stars, stars == 0),
    }


def _column(values: list[bool] | list[str]) -> NDArray[np.generic]:
    return np.array(values) if isinstance(values[0], bool) else texts([str(value) for value in values])


class Speakers:
    """Makes the events of one day after the other."""

    def __init__(self, marketplace: Marketplace, assortment: Assortment, size: Size, last_day: date) -> None:
        self._marketplace, self._assortment, self._last_day = marketplace, assortment, last_day
        self._rng = np.random.default_rng([size.seed, 3])
        self._voices, self._lags = Voices(), _lags()
        self._made = 0
        known = self._lags[np.minimum(np.arange(size.days - 1, -1, -1), _LONGEST_LAG)]
        heard = float((size.lines_per_day() * known).sum())  # lines whose events are known by now
        typical = float((assortment.popularity * assortment.rates.usual).sum())
        per_line = size.events / heard if heard else 0.0
        self._complaining = per_line * (1 - _NOISE_SHARE) / (1 + sum(_AGAIN)) / typical
        self._noise = per_line * _NOISE_SHARE

    def speak(self, lines: DayOfLines) -> Spoken:
        """Load the events of these lines that are known by the last day."""
        line, voice = self._say(lines)
        lag = np.searchsorted(self._lags, self._rng.random(len(line)), side="right").clip(max=_LONGEST_LAG)
        known = lag <= lines.age
        line, voice, lag = line[known], voice[known], lag[known]
        if len(line):
            self._load(lines, line, voice, lag)
        self._made += len(line)
        counted = self._voices.counted[voice]
        ncx = np.unique(line[counted & ~lines.cancelled[line]])
        return Spoken(len(line), int(counted.sum()), len(ncx))

    def _say(self, lines: DayOfLines) -> tuple[Ints, Ints]:
        """Index of the line and of the voice of each event."""
        rng, number = self._rng, len(lines.offer)
        complains = np.minimum(self._assortment.rates.on(lines.age) * self._complaining, 0.9)
        bad = np.flatnonzero(rng.random(number) < complains[lines.offer])
        often = rng.random(len(bad))
        bad = np.repeat(bad, 1 + (often < _AGAIN[0]) + (often < _AGAIN[1]).astype(np.int64))
        noisy = np.flatnonzero(rng.random(number) < self._noise)
        return np.append(bad, noisy), np.append(
            _pick(self._voices.complaints, len(bad), rng),
            len(self._voices.complaints) + _pick(self._voices.noise, len(noisy), rng),
        )

    def _load(self, lines: DayOfLines, line: Ints, voice: Ints, lag: Ints) -> None:
        number, offer, line_id = len(line), lines.offer[line], lines.first_id + line
        columns: dict[str, Column] = {
            "id": ids_from(reserve_ids(FeedbackEvent, number), number),
            "marketplace_id": self._marketplace.pk,
            "seller_id": self._assortment.seller[offer],
            "event_id": numbered(b"VE-", self._made + np.arange(number), 11),
            "order_ref": lines.order_refs(line),
            "offer_id": self._assortment.first_id + offer,
            "order_line_id": line_id,
            "ordered_on": np.where(lines.cancelled[line], 0, lines.day.toordinal()),
            "occurred_on": lines.day.toordinal() + lag,
        }
        load(
            FeedbackEvent,
            columns | {name: values[voice] for name, values in self._voices.columns.items()},
            number,
        )


def _pick(shares: Floats, number: int, rng: np.random.Generator) -> Ints:
    upto = np.cumsum(shares)
    picked: Ints = np.searchsorted(upto, rng.random(number) * upto[-1], side="right")
    return np.minimum(picked, len(shares) - 1)
