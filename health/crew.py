"""Who works on a night: the process that leads it, and those that help. They share out its shards.

Helpers only make it faster: the leader works on the same shards, and waits for one that a helper does
only while that helper lives. All read one snapshot, which the leader's connection keeps open (`presence.py`).
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final, TypeAlias

from django.db import DatabaseError

from health import benchmark_store, generations
from health.bands import Ints
from health.generations import Generation, NotSwapped
from health.models import HealthPolicy, RecomputeRun
from health.presence import Presence
from health.reading import Range, read_order, read_shards, snapshot
from health.refresh import Refreshed
from health.result import NightResult
from health.runs import RunLost, beat
from health.shards import Shard, Step, work_off
from health.stages import Held, Stage
from health.staging import AlreadyDone, Plan, Staging
from health.tonight import Tonight

logger = logging.getLogger(__name__)
Summon: TypeAlias = Callable[[int], None]
"""Asks other processes to help with the run of this id."""
Meanwhile: TypeAlias = Callable[[], None]
"""What the leader does first, alone, while those it has summoned work on the shards of a step."""
Everywhere: TypeAlias = Callable[[Step, Meanwhile], None]
"""Has a step done with every shard."""
Judged: TypeAlias = tuple[NightResult, Stage, Generation | None]

_PAUSE: Final = 0.02  # seconds between two looks at what helpers do
_PATIENCE: Final = 120.0  # seconds without a shard done, after which a helper's shard is done without it
_PHASES: Final = {Step.JUDGE: "judging", Step.COUNT: "counting", Step.REJUDGE: "judging again"}


def alone(_run: int) -> None:
    """Ask nobody."""


class Crew:
    """The leader of a run, with whoever helps: from reading a night to what is to be published of it."""

    def __init__(
        self, run: RecomputeRun, policy: HealthPolicy, presence: Presence | None, summon: Summon = alone
    ) -> None:
        self.run = run
        self._policy = policy
        self._presence = presence
        self._summon = summon
        self._exported = ""

    def beat(self, phase: str) -> None:
        """Say that the run lives, and where it is. Raises RunLost."""
        beat(self.run, phase)

    @contextmanager
    def judged(self) -> Iterator[Judged]:
        """The night, judged, and where its rows lie until the block ends.

        With a generation only where exchanging the grid's table pays.
        """
        self.beat("counting and comparing")
        with ExitStack() as ending:
            if self._presence:
                self._exported = self._presence.export_snapshot()
            tonight, offers, shards = self._read()
            generation = self._generation(ending, offers)
            if generation:
                result, stage = self._beside(generation, tonight, shards)
            else:
                result, stage = self._in_memory()
            if self._presence:
                self._presence.drop_snapshot()
            yield result, stage, generation if generation and generations.pays(offers) else None

    def _generation(self, ending: ExitStack, offers: int) -> Generation | None:
        """A table for tonight's rows, where they are many enough and the database has such."""
        if self._presence is None or not generations.possible(offers):
            return None
        try:
            return ending.enter_context(Generation.begun(self.run.marketplace))
        except NotSwapped as why:
            logger.warning("%s The night is judged in memory.", why)
            return None

    def _read(self) -> tuple[Tonight, int, list[Range]]:
        """The night, how many offers it has, and its shards."""
        with snapshot(self._exported):
            tonight = Tonight.of(self.run.marketplace, self.run.as_of, self._policy.pk)
            return tonight, *read_shards(self.run.marketplace, benchmark_store.PIECE)

    def _in_memory(self) -> tuple[NightResult, Stage]:
        stage = Held()
        with snapshot(self._exported):
            tonight, _, ranges = self._read()

            def everywhere(step: Step, meanwhile: Meanwhile) -> None:
                meanwhile()
                for number, within in enumerate(ranges):
                    work_off(tonight, stage, Shard(step, number, within))

            return self._judge(tonight, stage, len(ranges), everywhere), stage

    def _beside(
        self, generation: Generation, tonight: Tonight, ranges: list[Range]
    ) -> tuple[NightResult, Stage]:
        stage = Staging(self.run, tonight.policy)
        stage.prepare(generation.home)

        def everywhere(step: Step, meanwhile: Meanwhile) -> None:
            stage.begin(Plan(self._exported, self._policy.pk, step), ranges)
            if len(ranges) > 1:
                self._summon(self.run.pk)
            self.beat(_PHASES[step])
            meanwhile()
            self._lead(tonight, stage, len(ranges))

        return self._judge(tonight, stage, len(ranges), everywhere), stage

    def _judge(self, tonight: Tonight, stage: Stage, shards: int, everywhere: Everywhere) -> NightResult:
        """Judge by the benchmark in force; by a new one where METHOD 2 asks for it: that may show late."""
        if not tonight.is_refresh_due:
            everywhere(Step.JUDGE, _nothing)
            findings = stage.findings()
            if not tonight.has_moved(findings.sums.weighed(tonight.policy)):
                return NightResult(tonight, findings, None)
        # What can't be shared out is done while others have begun with what can.
        order: list[Ints] = []
        everywhere(Step.COUNT, lambda: order.append(self._read_order()))
        self.beat("fitting")
        made = [Refreshed(tonight, map(stage.taking_part, range(shards)), order.pop())]
        new = made[0].row()
        stage.put_fitted(made[0].of_shards())
        everywhere(Step.REJUDGE, lambda: _put_refresh(stage, made.pop()))
        return NightResult(tonight, stage.findings(), new)

    def _read_order(self) -> Ints:
        with snapshot(self._exported):
            return read_order(self.run.marketplace)

    def _lead(self, tonight: Tonight, stage: Staging, shards: int) -> None:
        """Work until all shards of the step are done, by whomever."""
        known, since = shards + 1, 0.0
        while left := stage.left():
            if len(left) < known:
                known, since = len(left), time.monotonic()
                self.beat(f"{_PHASES[left[0].step]}, {shards - known} of {shards} shards")
            if work_one(tonight, stage, left, self._exported):
                continue
            if time.monotonic() - since > _PATIENCE:
                self._do_without_claim(tonight, stage, left[0])
            time.sleep(_PAUSE)

    def _do_without_claim(self, tonight: Tonight, stage: Staging, shard: Shard) -> None:
        """A helper holds the shard and does nothing: of two who do it, the first is taken."""
        try:
            work_off(tonight, stage, shard, self._exported)
        except AlreadyDone:
            logger.info("%s of run %s was done after all.", shard, self.run.pk)


def _nothing() -> None:
    """There is nothing besides."""


def _put_refresh(stage: Stage, made: Refreshed) -> None:
    """Large, so whoever calls this keeps nothing of it."""
    stage.put_refresh(made.spreads(), made.sums())


def work_one(tonight: Tonight, stage: Staging, left: list[Shard], exported: str) -> bool:
    """Do the first of the shards that nobody else works on. False where there is none."""
    for shard in left:
        with stage.claimed(shard) as mine:
            if mine:
                work_off(tonight, stage, shard, exported)
                return True
    return False


def help_out(run: RecomputeRun) -> int:
    """Do shards of a run that another process leads, until none is left. Returns how many.

    Whatever goes wrong here is logged and left to the leader, who does the shard again.
    """
    done = 0
    try:
        plan = Staging.plan_of(run)
        if plan is None:
            return 0
        with snapshot(plan.snapshot):
            tonight = Tonight.of(run.marketplace, run.as_of, plan.policy)
        stage = Staging.joined(run, plan, tonight.policy)
        while (left := stage.left()) and work_one(tonight, stage, left, plan.snapshot):
            done += 1
    except (RunLost, DatabaseError) as error:
        logger.warning("Helping with run %s ended after %s shards: %s", run.pk, done, error)
    return done
