"""Dates and moments in import files."""
# ruff: noqa: DTZ001 - times without a zone are what this is about

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offers.importers.checking import Rows
from offers.importers.columns import Column
from offers.importers.dates import parse, read_moments
from offers.importers.reading import Chunk
from offers.importers.reports import Report

SAO_PAULO, NEW_YORK = ZoneInfo("America/Sao_Paulo"), ZoneInfo("America/New_York")
TODAY = date(2024, 3, 15)


def one(text: str, zone: ZoneInfo = SAO_PAULO) -> tuple[date | None, datetime | None]:
    found = parse(pd.Series([text], dtype=str), zone)
    return found.dates[0], found.moments[0]


def test_a_date_is_that_date_and_no_moment() -> None:
    assert one("2017-10-15") == (date(2017, 10, 15), None)


def test_a_date_time_without_offset_is_the_marketplaces_time() -> None:
    assert one("2017-01-31T23:30:00") == (date(2017, 1, 31), datetime(2017, 2, 1, 1, 30, tzinfo=UTC))
    assert one("2017-07-31 23:30") == (date(2017, 7, 31), datetime(2017, 8, 1, 2, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    "text",
    ["2017-02-01T01:30:00Z", "2017-02-01T01:30:00z", "2017-02-01 01:30 +00:00", "2017-01-31T22:30:00-03:00",
     "2017-02-01T03:30:00.000+02", "2017-02-01T03:30:00+0200"],
)  # fmt: skip
def test_a_date_time_with_an_offset_is_converted_to_the_marketplaces_date(text: str) -> None:
    assert one(text) == (date(2017, 1, 31), datetime(2017, 2, 1, 1, 30, tzinfo=UTC))


def test_a_time_that_the_clock_change_skips_keeps_its_date() -> None:
    # In São Paulo the day began at one o'clock.
    assert one("2017-10-15T00:30:00") == (date(2017, 10, 15), datetime(2017, 10, 15, 3, 0, tzinfo=UTC))
    assert one("2024-03-10T02:30:00", NEW_YORK)[1] == datetime(2024, 3, 10, 7, 0, tzinfo=UTC)


def test_a_time_that_comes_twice_is_the_first_of_the_two() -> None:
    assert one("2024-11-03T01:30:00", NEW_YORK) == (
        date(2024, 11, 3),
        datetime(2024, 11, 3, 5, 30, tzinfo=UTC),
    )


NO_DATES = """
2017-02-30 2017-13-01 17-02-01 2017-2-1 20170201 2017-02 2017 01/02/2017 01.02.2017 1486000000 2017-02-01x
2017-02-01T25:00 2017-02-01T10:61 2017-02-01T10 2017-02-01T10:00:00+99:00 yesterday NaT nan ٢٠١٧-٠٢-٠١
"""


@pytest.mark.parametrize("text", NO_DATES.split())
def test_anything_else_is_no_date(text: str) -> None:
    assert one(text) == (None, None)


MOMENTS = st.datetimes(datetime(1995, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(microsecond=0))


@given(
    st.lists(MOMENTS, min_size=1, max_size=20),
    st.sampled_from([SAO_PAULO, NEW_YORK, ZoneInfo("Asia/Kolkata")]),
)
def test_dates_and_moments_agree_with_pythons_own(moments: list[datetime], zone: ZoneInfo) -> None:
    aware = [at.replace(tzinfo=UTC) for at in moments]
    found = parse(pd.Series([at.isoformat() for at in aware], dtype=str), zone)
    assert found.moments.tolist() == aware
    assert found.dates.tolist() == [at.astimezone(zone).date() for at in aware]
    local = parse(pd.Series([at.isoformat(" ") for at in moments], dtype=str), zone)
    assert local.dates.tolist() == [at.date() for at in moments]
    for at, known in zip(moments, local.moments, strict=True):
        exists = at.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == at
        assert (
            known.astimezone(zone).replace(tzinfo=None) == at
            if exists
            else known.astimezone(zone).date() == at.date()
        )


def checked(*texts: str) -> tuple[list[date | None], Report]:
    report = Report("f")
    rows = Rows(Chunk({"ordered_at": Column.of(list(texts))}, np.arange(len(texts)) + 2), report)
    return read_moments(rows, "ordered_at", SAO_PAULO, TODAY).dates.tolist(), report


def test_dates_run_from_1995_to_one_day_ahead() -> None:
    tomorrow = TODAY + timedelta(days=1)
    dates, report = checked("1994-12-31", "1995-01-01", str(tomorrow), str(tomorrow + timedelta(days=1)))
    assert dates[1:3] == [date(1995, 1, 1), tomorrow]
    assert [problem.line for problem in report.problems] == [2, 5]
    assert all("1995-01-01 to tomorrow" in problem.message for problem in report.problems)


def test_a_bad_date_says_what_a_good_one_looks_like_and_an_empty_one_is_no_date() -> None:
    dates, report = checked("31.03.2024", "")
    assert dates == [None, None]
    (problem,) = report.problems
    assert problem.message.startswith("ordered_at is '31.03.2024': give a date such as 2024-03-31")
