"""Working off a shard of a night: read it in the night's snapshot, judge it, put it on the stage."""

from enum import IntEnum
from typing import NamedTuple

from health.candidates import findings_of
from health.judge import count_shard, judge_shard
from health.reading import Range, snapshot
from health.refresh import TakingPart
from health.rows import changed_rows, current_rows
from health.stages import Stage, ToPublish
from health.tonight import Tonight


class Step(IntEnum):
    """What is done with every shard before anything else goes on.

    A night that keeps its benchmark has JUDGE alone; one that fits it anew has COUNT, the fit, and REJUDGE.
    """

    JUDGE = 1
    COUNT = 2
    REJUDGE = 3


class Shard(NamedTuple):
    """A range of offers, and what is to be done with it."""

    step: Step
    number: int
    within: Range


def work_off(tonight: Tonight, stage: Stage, shard: Shard, exported: str = "") -> None:
    """Do the shard's step. exported: the snapshot that the night is read in, if several read it."""
    step, number, within = shard
    if step is Step.COUNT:
        with snapshot(exported):
            counted = count_shard(tonight, within)
        stage.put_counted(number, counted, TakingPart.of(counted))
        return
    # What others put on the stage came after the snapshot, so it is read outside.
    kept = (stage.counted(number), stage.fitted(number)) if step is Step.REJUDGE else None
    with snapshot(exported):
        night, fitted = kept or (count_shard(tonight, within), None)
        judged = judge_shard(tonight, night, fitted)
        rows, changes, findings = list(current_rows(judged)), changed_rows(judged), findings_of(judged)
    pieces = fitted.pieces() if fitted else ()
    stage.put_judged(number, ToPublish(rows, changes, findings, pieces))
