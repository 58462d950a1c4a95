"""What was measured, on what: as JSON and as a Markdown table."""

import json
import os
import platform
import subprocess
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Literal

import duckdb

from offers.bulk import fetch
from tests.scale.timing import Seconds, ratio, spread

ROOT = Path(__file__).parents[2]
# Whatever else decides how fast a server is.
SERVER_SETTINGS = ("shared_buffers", "work_mem", "max_wal_size", "fsync", "synchronous_commit", "autovacuum")


@dataclass(frozen=True)
class Figure:
    """One row of the table: what was measured, against what, and what is asked for.

    goal: what the value may be at most ("most") or must be at least ("least"); None where nothing is asked.
    note: what one must know to read it, such as the plain seconds.
    """

    part: str
    what: str
    reference: str
    value: float
    unit: str = "×"
    lowest: float | None = None
    highest: float | None = None
    goal: float | None = None
    bound: Literal["most", "least"] = "most"
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is met, None where there is none."""
        if self.goal is None:
            return None
        return self.value <= self.goal if self.bound == "most" else self.value >= self.goal

    def cells(self) -> list[str]:
        """The cells of its row."""
        asked = (
            ""
            if self.goal is None
            else f"{'≤' if self.bound == 'most' else '≥'} {_plain(self.goal)} {self.unit}"
        )
        between = (
            ""
            if self.lowest is None or self.highest is None
            else (f" ({_plain(self.lowest)}–{_plain(self.highest)})")
        )
        met = {None: "", True: "yes", False: "**no**"}[self.met]
        return [
            self.part,
            self.what,
            self.reference,
            f"{_plain(self.value)} {self.unit}{between}",
            asked,
            met,
            self.note,
        ]


def against(
    part: str,
    what: str,
    ours: Seconds,
    reference: str,
    theirs: Seconds,
    *,
    goal: float | None = None,
    faster: bool = False,
) -> Figure:
    """The figure of two works timed in turns: how many times as long ours takes, or how much faster it is."""
    first, second = (theirs, ours) if faster else (ours, theirs)
    low, high = spread(first, second)
    return Figure(
        part,
        what,
        reference,
        ratio(first, second),
        "× faster" if faster else "×",
        low,
        high,
        goal,
        "least" if faster else "most",
        f"{shown(median(ours))} against {shown(median(theirs))}, {len(ours)} rounds",
    )


def shown(seconds: float) -> str:
    """A duration to read: 1.23 s, 4.56 ms."""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


@dataclass
class Report:
    """All figures of one run, and the machine."""

    scale: str
    machine: dict[str, Any] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    raw: dict[str, Any] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    @contextmanager
    def part(self, name: str, folder: Path) -> Iterator[None]:
        """A part of the run. What breaks it stands in the report, the other parts go on; all is written."""
        began = perf_counter()
        print(f"{name} ...", flush=True)
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, an hour's other figures must not be lost
            traceback.print_exc()
            self.failed.append(f"{name}: {type(error).__name__}: {error}".replace("\n", " ")[:500])
        self.raw.setdefault("seconds of the parts", {})[name] = perf_counter() - began
        self.machine["load when it ended"] = load()
        self.write(folder)

    def add(self, *figures: Figure) -> None:
        """Add figures, and say them at once: a run may take long."""
        for figure in figures:
            self.figures.append(figure)
            print("  " + " | ".join(cell for cell in figure.cells() if cell), flush=True)

    def markdown(self) -> str:
        """The table with the machine's facts above it."""
        header = [
            "part",
            "what",
            "against",
            "measured (range of the rounds, of many their quartiles)",
            "asked for",
            "met",
            "",
        ]
        facts = [f"- {name}: {value}" for name, value in self.machine.items()]
        rows = [header, ["---"] * len(header), *(figure.cells() for figure in self.figures)]
        table = ["| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in rows]
        failed = ["", *(f"- **failed**: {what}" for what in self.failed)] if self.failed else []
        return "\n".join([f"Scale: {self.scale}", "", *facts, *failed, "", *table, ""])

    def write(self, folder: Path) -> Path:
        """Write JSON and Markdown, named by when the run began; return the path of the Markdown."""
        folder.mkdir(parents=True, exist_ok=True)
        stem = folder / f"{self.began:%Y%m%d-%H%M%S}-{self.scale}"
        figures = [{**asdict(figure), "met": figure.met} for figure in self.figures]
        content = {"scale": self.scale, "machine": self.machine, "failed": self.failed, "figures": figures}
        content["raw"] = self.raw
        stem.with_suffix(".json").write_text(json.dumps(content, indent=1, default=str), encoding="utf-8")
        path = stem.with_suffix(".md")
        path.write_text(self.markdown(), encoding="utf-8")
        return path


def machine_facts() -> dict[str, Any]:
    """What the figures depend on besides the code. Needs a PostgreSQL connection."""
    settings = dict(
        fetch(
            "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY(%s)",
            [list(SERVER_SETTINGS)],
        )
    )
    return {
        "when": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "revision": _revision(),
        "processor": f"{len(os.sched_getaffinity(0))} cores, {_processor()}",
        "memory": _memory(),
        "load when it began": load(),
        "PostgreSQL": fetch("SHOW server_version")[0][0],
        "its settings": ", ".join(f"{name} {value}" for name, value in settings.items()),
        "Python": platform.python_version(),
        "DuckDB": f"{duckdb.__version__}, 2 threads",
    }


def load() -> str:
    """How much the machine has had to do in the last 1, 5 and 15 minutes."""
    return " ".join(f"{average:.2f}" for average in os.getloadavg())


def _revision() -> str:
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "unknown"


def _first_line(path: str, word: str) -> str:
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(word)), "unknown")


def _processor() -> str:
    return _first_line("/proc/cpuinfo", "model name")


def _memory() -> str:
    return f"{int(_first_line('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.1f} GB"
