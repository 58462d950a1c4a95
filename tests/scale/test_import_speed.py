"""Importing the real marketplace data of the import format: nothing bad, twice the same, and how fast.

The data are not part of the project: VOCDASH_MARKETPLACE_DATA names their folder.
"""

import os
import time
from pathlib import Path

import pytest
from django.db import connection

from offers.models import Marketplace
from tests.importing import Importing, counts
from vocdash.marketplaces import create_marketplace

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("VOCDASH_MARKETPLACE_DATA", ROOT.parent / "shared" / "data" / "marketplace"))
FILES = [DATA / f"{kind}.csv.gz" for kind in ("feedback", "orders", "offers")]
ROWS = [32_670, 102_425, 34_448]
SECONDS = 25

pytestmark = [
    pytest.mark.scale,
    pytest.mark.django_db,
    pytest.mark.skipif(
        not FILES[0].exists(), reason=f"no real data in {DATA}: set VOCDASH_MARKETPLACE_DATA to their folder"
    ),
]


def brazil() -> Marketplace:
    return create_marketplace(
        code="BR", name="Brazil", currency="BRL", time_zone="America/Sao_Paulo", language="pt-br"
    )[0]


def test_the_real_data_go_in_whole_in_time_and_twice_change_nothing(tmp_path: Path) -> None:
    importing = Importing(tmp_path, brazil())
    begun, computed = time.perf_counter(), time.process_time()
    first = importing(*FILES)
    seconds, own = time.perf_counter() - begun, time.process_time() - computed
    speed = (
        f"{sum(ROWS):,} rows in {seconds:.1f} s ({own:.1f} s of it ours), {sum(ROWS) / seconds:,.0f} a second"
    )
    print(f"\n{connection.vendor}: {speed}")
    assert [counts(report) for report in first] == [(rows, 0, 0, 0) for rows in ROWS]
    again = importing(*FILES)
    assert [counts(report) for report in again] == [(0, 0, rows, 0) for rows in ROWS]
    assert own < SECONDS
