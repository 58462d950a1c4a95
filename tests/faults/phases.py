"""In which phase the large market's night is, as it can be seen from outside.

A run says where it is (`RecomputeRun.phase`); what takes moments of it is told by the statements of its
connections, whose names are those of their processes.
"""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, NamedTuple

import psycopg2
from django.db import connection

from health.presence import KIND

INDEXES: Final = "building indexes"
EXCHANGE: Final = "exchanging tables"
CLEARING: Final = "clearing up"
SHORT: Final = (EXCHANGE, CLEARING)
RESTART: Final = "the database's restart"
# What a leader says in a phase, to the database.
SAID: Final = {
    INDEXES: r"CREATE (UNIQUE )?INDEX|ADD CONSTRAINT \S+ (PRIMARY KEY|UNIQUE) USING|^\s*ANALYZE health_next_",
    EXCHANGE: r"IN ACCESS EXCLUSIVE MODE|SET SCHEMA|SET CONSTRAINTS ALL IMMEDIATE",
}
_LOOK: Final = """
    SELECT 'run', m.code, r.phase FROM health_recomputerun r
      JOIN offers_marketplace m ON m.id = r.marketplace_id WHERE r.state = 'running'
     UNION ALL
    SELECT 'said', application_name, query FROM pg_stat_activity
     WHERE datname = current_database() AND state <> 'idle' AND application_name LIKE 'worker-%%'
     UNION ALL
    SELECT 'led', a.application_name, m.code FROM pg_locks l
      JOIN pg_stat_activity a ON a.pid = l.pid JOIN offers_marketplace m ON m.id = l.objid
     WHERE l.locktype = 'advisory' AND l.classid = %s AND a.datname = current_database()
       AND EXISTS (SELECT 1 FROM health_recomputerun r WHERE r.marketplace_id = m.id
                      AND r.state = 'succeeded' AND r.finished_at > now() - interval '3 seconds')
     ORDER BY 1, 2
"""


class Look(NamedTuple):
    """What is to be seen at one moment. worker: the process that said so, if one did."""

    phase: str
    runs: tuple[tuple[str, str], ...]
    worker: str = ""

    @property
    def told(self) -> str:
        """The phase with what the runs at work say of themselves."""
        said = ", ".join(f"{code}: {phase}" for code, phase in self.runs)
        return said if self.phase in said else f"{said}: {self.phase}".removeprefix(": ")


class Watch:
    """Looks at the database in use, as often as asked, by a connection of its own."""

    def __init__(self, market: str) -> None:
        self._market = market
        self._raw: Any = None

    def look(self) -> Look:
        """The present phase; `RESTART` while the database is away, "" between nights."""
        try:
            if self._raw is None:
                known = connection.get_connection_params()
                self._raw = psycopg2.connect(
                    **{
                        name: value
                        for name, value in known.items()
                        if name not in {"cursor_factory", "context"}
                    }
                )
                self._raw.autocommit = True
            with self._raw.cursor() as cursor:
                cursor.execute(_LOOK, [KIND])
                return self._seen(cursor.fetchall())
        except psycopg2.Error:
            self.close()
            return Look(RESTART, ())

    def _seen(self, rows: list[tuple[str, str, str]]) -> Look:
        runs = tuple((code, phase) for kind, code, phase in rows if kind == "run")
        own = dict(runs).get(self._market, "").partition(",")[0]
        for kind, worker, query in rows:
            if kind == "led" and query == self._market and not own:
                return Look(CLEARING, runs, worker)  # it has published and has not gone yet
            if kind == "said" and own == "publishing" and (phase := _phase_of(query)):
                return Look(phase, runs, worker)
        return Look(own, runs)

    def close(self) -> None:
        """Let go of the connection: a database that somebody is in can't be thrown away."""
        with suppress(Exception):
            self._raw.close()
        self._raw = None


def _phase_of(query: str) -> str:
    """What a statement of a run that is publishing tells."""
    return next((phase for phase, pattern in SAID.items() if re.search(pattern, query)), "")


class Span(NamedTuple):
    """When a phase began and how long it was to be seen, in seconds."""

    begin: float
    length: float


def spans(watch: Watch, done: Callable[[], bool]) -> dict[str, Span]:
    """Watch a run until it is done: its phases, in their order, from the beginning of the watch on."""
    found: dict[str, Span] = {}
    began = time.monotonic()
    while not done():
        for _ in range(20):
            phase, now = watch.look().phase, time.monotonic() - began
            if phase:
                begin = found[phase].begin if phase in found else now
                found[phase] = Span(begin, now - begin)
            time.sleep(0.001)
    return found
