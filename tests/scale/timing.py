"""Interleaved timing: what is compared runs in turns, so that a machine's moods meet both alike."""

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter
from typing import Final

Seconds = list[float]
MANY: Final = 8
"""From so many rounds on, quartiles say more than the outermost rounds."""


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` took."""
    began = perf_counter()
    work()
    return perf_counter() - began


def interleaved(
    rounds: int, works: Mapping[str, Callable[[], object]], *, warm_up: int = 0
) -> dict[str, Seconds]:
    """Seconds of each work, one after the other in every round. The first rounds are thrown away."""
    took: dict[str, Seconds] = {name: [] for name in works}
    for number in range(warm_up + rounds):
        for name, work in works.items():
            seconds = timed(work)
            if number >= warm_up:
                took[name].append(seconds)
    return took


def ratio(ours: Seconds, theirs: Seconds) -> float:
    """How many times as long ours takes: the median of the rounds' ratios."""
    return median(_ratios(ours, theirs))


def spread(ours: Seconds, theirs: Seconds) -> tuple[float, float]:
    """The lowest and the highest ratio of one round; of many rounds, the quartiles."""
    ratios = sorted(_ratios(ours, theirs))
    cut = len(ratios) // 4 if len(ratios) >= MANY else 0
    return ratios[cut], ratios[-1 - cut]


def _ratios(ours: Seconds, theirs: Seconds) -> list[float]:
    """Each round's own ratio: its two works met the same mood of the machine."""
    return [one / other for one, other in zip(ours, theirs, strict=True)]
