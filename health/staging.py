"""A stage in tables of PostgreSQL, which several workers fill: each shard is committed by itself.

The tables lie in the schema of the next generation (`generations.py`). Who writes shows that the run is still
the one that made them: a process that comes back from the dead finds its token refused.
"""
# ruff: noqa: S608 - names are made here

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, Self, cast

import numpy as np
from django.db import Error, connection, models, transaction

from health.benchmark_store import OfferRows
from health.benchmarks import NightOrders
from health.counting import NcxLines, OrderTally
from health.findings import Findings
from health.models import BenchmarkPiece, BenchmarkRefresh, HealthChange, OfferHealth, Part, RecomputeRun
from health.policy import Policy
from health.reading import Range, Roster
from health.refresh import TakingPart
from health.runs import RunLost
from health.shards import Shard, Step
from health.stages import ToPublish
from offers import bulk

_CHANGES: Final = [
    str(field.column)
    for field in HealthChange._meta.concrete_fields
    if not isinstance(field, models.AutoField)
]
_ROWS: Final = [str(field.column) for field in OfferHealth._meta.concrete_fields]
_FIT: Final = -1
"""The part of the sums among the pieces of a refresh."""
_FOR_FIT: Final = 0
"""Stands for a step where a shard's columns are for the fit between two steps."""
_STUCK: Final = "60s"
"""A worker that does nothing for so long in the midst of writing is thrown out."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the leader tells its helpers. policy: the id of the night's version."""

    snapshot: str
    policy: int
    step: Step


class AlreadyDone(RunLost):
    """Another worker did this shard meanwhile, or its step is over."""


class Staging:
    """The stage of one run."""

    def __init__(self, run: RecomputeRun, policy: Policy) -> None:
        self.run = run
        self._policy = policy
        self._at = f"health_next_{run.marketplace_id}"
        self._step = Step.JUDGE

    # --- the leader's

    def prepare(self, home: str) -> None:
        """Make the tables, in a schema that is there. home: the schema of the tables that readers see."""
        change = HealthChange._meta.db_table
        _run(
            f"CREATE UNLOGGED TABLE {self._at}.plan (snapshot text, policy bigint, step int)",
            f"CREATE UNLOGGED TABLE {self._at}.shard (step int, number int, first bigint, last bigint,"
            " done boolean NOT NULL DEFAULT false, found text, PRIMARY KEY (step, number))",
            # Columns of numbers, as they lie in memory: counts of a shard, or its offers' new benchmark.
            f"CREATE UNLOGGED TABLE {self._at}.columns (step bigint, number bigint, body bytea)",
            f"ALTER TABLE {self._at}.columns ALTER body SET STORAGE EXTERNAL",
            f"CREATE UNLOGGED TABLE {self._at}.change AS "
            f"SELECT {_named(_CHANGES)} FROM {home}.{change} LIMIT 0",
            f"CREATE UNLOGGED TABLE {self._at}.piece (part bigint, number bigint, body bytea)",
            f"ALTER TABLE {self._at}.piece ALTER body SET STORAGE EXTERNAL",
        )

    @transaction.atomic
    def begin(self, plan: Plan, ranges: list[Range]) -> None:
        """Begin a step; what an earlier step judged is forgotten, along with whoever still works on it."""
        self._check_token()
        self._step = plan.step
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {self._at}.plan")
            cursor.execute(
                f"INSERT INTO {self._at}.plan VALUES (%s, %s, %s)", [plan.snapshot, plan.policy, plan.step]
            )
            if plan.step is Step.COUNT:
                cursor.execute(f"TRUNCATE {self._at}.shard, {self._at}.change, {self._table(OfferHealth)}")
            cursor.executemany(
                f"INSERT INTO {self._at}.shard (step, number, first, last) VALUES (%s, %s, %s, %s)",
                [(plan.step, number, *within) for number, within in enumerate(ranges)],
            )

    # --- everybody's

    @classmethod
    def plan_of(cls, run: RecomputeRun) -> Plan | None:
        """The plan of a run that others can help with; None where there is none (any more)."""
        table = f"health_next_{run.marketplace_id}.plan"
        if not bulk.fetch("SELECT to_regclass(%s) IS NOT NULL", [table])[0][0]:
            return None
        rows = bulk.fetch(f"SELECT snapshot, policy, step FROM {table}")
        return Plan(rows[0][0], rows[0][1], Step(rows[0][2])) if rows else None

    @classmethod
    def joined(cls, run: RecomputeRun, plan: Plan, policy: Policy) -> Self:
        """The stage as a helper finds it."""
        made = cls(run, policy)
        made._step = plan.step
        return made

    def left(self) -> list[Shard]:
        """The shards of the present step that are not done."""
        rows = bulk.fetch(
            f"SELECT number, first, last FROM {self._at}.shard WHERE step = %s AND NOT done ORDER BY number",
            [self._step],
        )
        return [Shard(self._step, number, (first, last)) for number, first, last in rows]

    @contextmanager
    def claimed(self, shard: Shard) -> Iterator[bool]:
        """Whether the shard is ours while the block runs. Who dies gives it back at once."""
        key = self.run.pk << 16 | shard.number
        ((mine,),) = bulk.fetch("SELECT pg_try_advisory_lock(%s)", [key])
        try:
            yield mine and shard in self.left()
        finally:
            if mine:
                with suppress(Error):  # a connection that broke has given it back
                    bulk.fetch("SELECT pg_advisory_unlock(%s)", [key])

    def put_counted(self, number: int, night: NightOrders, part: TakingPart) -> None:
        """Commit what a shard counted."""
        with transaction.atomic():
            self._finish(number)
            self._put_columns(Step.COUNT, [(number, _packed(night))])
            self._put_columns(_FOR_FIT, [(number, part.to_bytes())])

    def taking_part(self, number: int) -> TakingPart:
        """What `put_counted` committed for the fit."""
        return TakingPart.from_bytes(self._columns(_FOR_FIT, number))

    def counted(self, number: int) -> NightOrders:
        """What `put_counted` committed."""
        return _unpacked(self._columns(Step.COUNT, number), self.run, self._policy)

    @transaction.atomic
    def put_fitted(self, shards: Iterable[OfferRows]) -> None:
        """Commit what tonight's refresh says of each shard's offers."""
        self._check_token()
        self._put_columns(Step.REJUDGE, ((number, rows.to_bytes()) for number, rows in enumerate(shards)))

    def fitted(self, number: int) -> OfferRows:
        """What `put_fitted` committed of a shard."""
        return OfferRows.from_bytes(self._columns(Step.REJUDGE, number))

    def _put_columns(self, step: int, shards: Iterable[tuple[int, bytes]]) -> None:
        rows = (((step, number), body) for number, body in shards)
        bulk.copy_blobs(f"{self._at}.columns", ("step", "number", "body"), rows)

    def _columns(self, step: int, number: int) -> bytes:
        sql = f"SELECT body FROM {self._at}.columns WHERE step = %s AND number = %s"
        return bulk.fetch_blob(sql, [step, number])

    def put_judged(self, number: int, made: ToPublish) -> None:
        """Commit what is to be published of a shard."""
        with transaction.atomic():
            self._finish(number, made.findings.to_json())
            for some in made.rows:
                bulk.copy_arrays(self._table(OfferHealth), bulk.fields_of(OfferHealth, some), some)
            changes = made.changes
            bulk.copy_arrays(f"{self._at}.change", bulk.fields_of(HealthChange, changes), changes)
            self._put_pieces(((Part.OFFERS, piece), body) for piece, body in made.pieces)

    @transaction.atomic
    def put_refresh(self, spreads: Iterable[tuple[Part, int, bytes]], fit: bytes) -> None:
        """Commit what is to be stored of tonight's refresh besides the offers."""
        self._check_token()
        self._put_pieces(((part, number), body) for part, number, body in spreads)
        self._put_pieces([((_FIT, 0), fit)])

    def _put_pieces(self, pieces: Iterable[tuple[tuple[int, int], bytes]]) -> None:
        bulk.copy_blobs(f"{self._at}.piece", ("part", "number", "body"), pieces)

    def _finish(self, number: int, found: str = "") -> None:
        """Mark the shard as done. Raises RunLost when it was done, or the run ended, meanwhile."""
        self._check_token()
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {self._at}.shard SET done = true, found = %s "
                "WHERE step = %s AND number = %s AND NOT done",
                [found, self._step, number],
            )
            if cursor.rowcount != 1:
                raise AlreadyDone(f"Shard {number} of run {self.run.pk} was done by another worker.")

    def _check_token(self) -> None:
        """Raise RunLost unless the run goes on, and let nobody end it until the transaction does."""
        mine = RecomputeRun.objects.filter(
            pk=self.run.pk, token=self.run.token, state=RecomputeRun.State.RUNNING
        )
        _run(f"SET LOCAL idle_in_transaction_session_timeout = '{_STUCK}'")
        sql, params = mine.values("pk").query.sql_with_params()
        if not bulk.fetch(f"{sql} FOR SHARE", params):
            raise RunLost(f"Run {self.run.pk} was taken over.")

    def findings(self) -> Findings:
        """All shards'."""
        rows = bulk.fetch(f"SELECT found FROM {self._at}.shard WHERE step = %s ORDER BY number", [self._step])
        return sum((Findings.from_json(found) for (found,) in rows), Findings())

    def write_history(self, refresh: BenchmarkRefresh | None) -> None:
        """From table to table."""
        if refresh:
            pk = int(refresh.pk)
            _run(
                f"INSERT INTO {BenchmarkPiece._meta.db_table} (refresh_id, part, number, body) "
                f"SELECT {pk}, part, number, body FROM {self._at}.piece WHERE part <> {_FIT}",
                f"UPDATE {BenchmarkRefresh._meta.db_table} SET fit = piece.body "
                f"FROM {self._at}.piece WHERE id = {pk} AND part = {_FIT}",
            )
        names = _named(_CHANGES)
        _run(
            f"INSERT INTO {HealthChange._meta.db_table} ({names}) "
            f"SELECT {names} FROM {self._at}.change ORDER BY offer_id"
        )

    def write_rows(self) -> None:
        """From table to table."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {OfferHealth._meta.db_table} ({_named(_ROWS)}) SELECT {_named(_ROWS)} "
                f"FROM {self._table(OfferHealth)} WHERE marketplace_id = %s AND as_of = %s ORDER BY offer_id "
                "ON CONFLICT (offer_id) DO UPDATE SET "
                + ", ".join(
                    f"{connection.ops.quote_name(name)} = EXCLUDED.{connection.ops.quote_name(name)}"
                    for name in _ROWS[1:]
                ),
                [self.run.marketplace_id, self.run.as_of],
            )

    def _table(self, model: type[models.Model]) -> str:
        return f"{self._at}.{model._meta.db_table}"


def _named(columns: list[str]) -> str:
    return ", ".join(map(connection.ops.quote_name, columns))


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


# What a shard counted, as bytes: the columns of its three tables.
_TABLES: Final[dict[str, Any]] = {"orders": OrderTally, "lines": NcxLines}


def _packed(night: NightOrders) -> bytes:
    arrays: dict[str, Any] = {"last_ordered": night.last_ordered}
    arrays |= {f"roster.{name}": getattr(night.roster, name) for name in Roster.__slots__}
    for table, kind in _TABLES.items():
        arrays |= {f"{table}.{name}": getattr(getattr(night, table), name) for name in kind._fields}
    target = BytesIO()
    np.savez(target, allow_pickle=False, **arrays)
    return target.getvalue()


def _unpacked(body: bytes, run: RecomputeRun, policy: Policy) -> NightOrders:
    with np.load(BytesIO(body), allow_pickle=False) as arrays:
        roster = Roster(**{name: arrays[f"roster.{name}"] for name in Roster.__slots__})
        orders, lines = (
            kind(**{name: arrays[f"{table}.{name}"] for name in kind._fields})
            for table, kind in _TABLES.items()
        )
        last_ordered = arrays["last_ordered"]
    return NightOrders(
        roster, last_ordered, cast(OrderTally, orders), cast(NcxLines, lines), run.as_of, policy
    )
