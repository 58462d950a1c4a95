"""What became of one import file: its counts, its notes, and every bad row with what to do about it."""

import json
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import IO, Final

KEPT_PROBLEMS: Final = 10_000  # beyond that they go to a file on disk
_EXAMPLES: Final = 5
_SHOWN_VALUE: Final = 80


@dataclass(frozen=True, slots=True)
class Problem:
    """One bad row: its line, the column and value that are wrong (both may be empty), what to do."""

    line: int
    column: str
    value: str
    message: str
    text: str = ""
    """The row's own text where it can't be taken apart into columns."""


class ProblemLog:
    """All bad rows of a file, by line; a million of them need no more memory than ten thousand."""

    def __init__(self) -> None:
        self._lines = array("q")
        self._places = array("q")
        self._kept: list[Problem] = []
        self._spilled: IO[bytes] | None = None

    def __len__(self) -> int:
        return len(self._lines)

    def append(self, problem: Problem) -> None:
        """Add a bad row. A line that is bad already stays with its first problem: it is one bad row."""
        self._lines.append(problem.line)
        if len(self._kept) < KEPT_PROBLEMS:
            self._places.append(len(self._kept))
            self._kept.append(problem)
            return
        if self._spilled is None:
            self._spilled = tempfile.TemporaryFile()  # noqa: SIM115 - it goes when this object goes
        self._places.append(self._spilled.seek(0, 2) + KEPT_PROBLEMS)
        self._spilled.write(json.dumps(asdict(problem)).encode() + b"\n")

    def __iter__(self) -> Iterator[Problem]:
        for index in sorted(range(len(self._lines)), key=self._lines.__getitem__):
            yield self._at(self._places[index])

    def _at(self, place: int) -> Problem:
        if place < KEPT_PROBLEMS or self._spilled is None:
            return self._kept[place]
        self._spilled.seek(place - KEPT_PROBLEMS)
        return Problem(**json.loads(self._spilled.readline()))


@dataclass
class Note:
    """Something worth knowing that is no reason to refuse a row: how often, and some of the lines."""

    count: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass
class Report:
    """One file's outcome. added + changed + unchanged + bad = read, once it is imported."""

    name: str
    kind: str = ""
    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    waiting: int = 0
    error: str = ""
    """Why the file could not be read at all."""
    problems: ProblemLog = field(default_factory=ProblemLog)
    _notes: dict[str, Note | None] = field(default_factory=dict)

    @property
    def bad(self) -> int:
        """How many rows were refused."""
        return len(self.problems)

    def refuse(self, problem: Problem) -> None:
        """Report a bad row."""
        self.problems.append(problem)

    def note(self, what: str, example: str = "", count: int = 1) -> None:
        """Add `count` to how often something was met, with an example of where."""
        note = self._notes.get(what) or Note()
        self._notes[what] = note
        note.count += count
        if example and len(note.examples) < _EXAMPLES:
            note.examples.append(example)

    def note_lines(self, what: str, lines: Sequence[int]) -> None:
        """Note something that was met on each of these lines."""
        for line in lines[:_EXAMPLES]:
            self.note(what, f"line {line}")
        if len(lines) > _EXAMPLES:
            self.note(what, count=len(lines) - _EXAMPLES)

    def remark(self, what: str) -> None:
        """Note something that isn't counted."""
        self._notes[what] = None

    @property
    def notes(self) -> list[str]:
        """The notes in words, in the order in which they came up."""
        return [what if note is None else _sentence(what, note) for what, note in self._notes.items()]

    def tally(self, outcome: str, rows: int = 1) -> None:
        """Count rows as "added", "changed" or "unchanged"."""
        setattr(self, outcome, getattr(self, outcome) + rows)

    def forget_outcome(self) -> None:
        """Nothing of the file was imported after all: its rows were read, and that is all."""
        self.added = self.changed = self.unchanged = self.waiting = 0
        self._notes.clear()

    def line(self) -> str:
        """The one line that other programs read."""
        return (
            f"{self.name}: {self.read} read, {self.added} added, {self.changed} changed, "
            f"{self.unchanged} unchanged, {self.bad} bad"
        )


def _sentence(what: str, note: Note) -> str:
    """What was met, how often, and where: `comments cut: 7 (line 3, line 9, …)`."""
    more = ", …" if note.count > len(note.examples) else ""
    where = f" ({', '.join(note.examples)}{more})" if note.examples else ""
    return f"{what}: {note.count:,}{where}"


def shown(value: str) -> str:
    """A value as it is shown in a message."""
    return repr(value if len(value) <= _SHOWN_VALUE else value[:_SHOWN_VALUE] + "…")
