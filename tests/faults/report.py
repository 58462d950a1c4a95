"""The matrix of faults: what was killed, when, how often, what came out, how long it took."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from statistics import median

from tests.faults.runs import Kill

_HEAD = (
    "| during | killed | times | when | end state as undisturbed | e-mails sent again | "
    "s until recovered, median (most) |\n|---|---|---|---|---|---|---|"
)


def table(kills: Iterable[Kill]) -> str:
    """The matrix as Markdown."""
    by_kind: dict[tuple[str, str], list[Kill]] = {}
    for kill in kills:
        by_kind.setdefault((kill.scenario, kill.target), []).append(kill)
    return "\n".join([_HEAD, *(_row(*kind, same) for kind, same in sorted(by_kind.items()))])


def _row(scenario: str, target: str, kills: list[Kill]) -> str:
    took = [kill.seconds for kill in kills if kill.seconds]
    same = sum(kill.same for kill in kills)
    seconds = f"{median(took):.1f} ({max(took):.1f})" if took else "with the next"
    again = sum(kill.sent_twice for kill in kills)
    phases = Counter(kill.phase for kill in kills if kill.phase)
    often = (phase if times == 1 else f"{phase} ({times})" for phase, times in phases.items())
    moments = "; ".join(often if phases else _few(dict.fromkeys(kill.during for kill in kills)))
    return (
        f"| {scenario} | {target} | {len(kills)} | {moments} | {same} of {len(kills)} | {again} | {seconds} |"
    )


def _few(moments: Iterable[str]) -> Iterator[str]:
    for number, moment in enumerate(moments):
        if number == 4:
            yield "…"
            return
        yield moment


def write(kills: list[Kill], facts: dict[str, object], folder: Path) -> None:
    """JSON and Markdown into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {**facts, "kills": [asdict(kill) for kill in kills]}
    (folder / "faults.json").write_text(json.dumps(found, indent=1, default=str) + "\n", encoding="utf-8")
    (folder / "faults.md").write_text(table(kills) + "\n", encoding="utf-8")
