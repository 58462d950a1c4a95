"""The reference of the night: DuckDB makes the same counts from Parquet files of the same data."""

from datetime import date
from pathlib import Path
from typing import Any, Final, cast

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from offers.bulk import fetch, fetch_columns
from offers.models import Marketplace

THREADS: Final = 2
_LINES_AT_ONCE: Final = 4_000_000
_FIRST_DAY: Final = date(1970, 1, 1).toordinal()
Counted = dict[str, NDArray[Any]]

_COUNTS: Final = """
    WITH ncx AS (
        SELECT order_line_id AS id, bool_or(commented) AS commented
          FROM read_parquet($events) WHERE counted AND occurred_on <= $day GROUP BY 1
    ), said AS (
        SELECT offer_id, max(occurred_on) AS last_said
          FROM read_parquet($events) WHERE counted AND occurred_on <= $day GROUP BY 1
    ), ordered AS (
        SELECT l.offer_id, max(l.ordered_on) AS last_ordered,
               count(*) FILTER (l.ordered_on > $day - $short) AS n_short,
               count(*) FILTER (l.ordered_on > $day - $long) AS n_long,
               count(n.id) FILTER (l.ordered_on > $day - $short) AS k_short,
               count(n.id) FILTER (l.ordered_on > $day - $long) AS k_long,
               count(*) FILTER (n.commented AND l.ordered_on > $day - $short) AS c_short,
               count(*) FILTER (n.commented AND l.ordered_on > $day - $long) AS c_long
          FROM read_parquet($lines) l LEFT JOIN ncx n ON n.id = l.id
         WHERE NOT l.cancelled AND l.ordered_on <= $day
         GROUP BY 1
    )
    SELECT offer_id, n_short, n_long, k_short, k_long, c_short, c_long,
           greatest(last_ordered, last_said) - DATE '1970-01-01' AS last
      FROM ordered FULL JOIN said USING (offer_id)
"""


class Duck:
    """DuckDB, with the order lines and events of a marketplace as Parquet files in `folder`."""

    def __init__(self, marketplace: Marketplace, folder: Path) -> None:
        self._con = duckdb.connect(config={"threads": THREADS})
        self._folder = folder
        self._write_lines(marketplace)
        self._write_events(marketplace)

    def count(self, day: date, *, short: int = 30, long: int = 60) -> Counted:
        """Orders, NCX orders, those with a comment, of both windows, and the last date, per offer."""
        params = {"day": day, "short": short, "long": long} | {
            name: str(self._folder / f"{name}-*.parquet") for name in ("lines", "events")
        }
        return cast(Counted, self._con.execute(_COUNTS, params).fetchnumpy())

    def close(self) -> None:
        """Let go of the memory."""
        self._con.close()

    def _write_lines(self, marketplace: Marketplace) -> None:
        sql = """
            SELECT l.id, l.offer_id, l.ordered_on, CASE WHEN l.status = 'cancelled' THEN 1 ELSE 0 END
              FROM offers_orderline l JOIN offers_offer o ON o.id = l.offer_id
             WHERE o.marketplace_id = %s AND l.id >= %s AND l.id < %s ORDER BY l.id
        """
        ((low, high),) = fetch("SELECT COALESCE(MIN(id), 0), COALESCE(MAX(id), 0) FROM offers_orderline")
        for start in range(low, high + 1, _LINES_AT_ONCE):
            params = [marketplace.pk, start, start + _LINES_AT_ONCE]
            ids, offers, days, cancelled = fetch_columns(sql, params, ("int", "int", "day", "int"))
            columns = {"id": ids, "offer_id": offers, "ordered_on": days, "cancelled": cancelled}
            self._write(f"lines-{start:012}", columns, days=("ordered_on",), truths=("cancelled",))

    def _write_events(self, marketplace: Marketplace) -> None:
        sql = """
            SELECT offer_id, order_line_id, occurred_on, CASE WHEN counted THEN 1 ELSE 0 END,
                   CASE WHEN comment <> '' THEN 1 ELSE 0 END
              FROM feedback_feedbackevent
             WHERE marketplace_id = %s AND order_line_id IS NOT NULL ORDER BY id
        """
        kinds = ("int", "int", "day", "int", "int")
        names = ("offer_id", "order_line_id", "occurred_on", "counted", "commented")
        columns = dict(zip(names, fetch_columns(sql, [marketplace.pk], kinds), strict=True))
        self._write("events-0", columns, days=("occurred_on",), truths=("counted", "commented"))

    def _write(self, stem: str, columns: Counted, *, days: tuple[str, ...], truths: tuple[str, ...]) -> None:
        shift = {name: columns[name] - _FIRST_DAY for name in days}
        frame = pd.DataFrame(columns | shift)
        chosen = ", ".join(
            f"DATE '1970-01-01' + {name}::INTEGER AS {name}"
            if name in days
            else f"{name}::BOOLEAN AS {name}"
            if name in truths
            else name
            for name in columns
        )
        self._con.register("frame", frame)
        path = str(self._folder / f"{stem}.parquet")
        self._con.execute(f"COPY (SELECT {chosen} FROM frame) TO '{path}' (FORMAT parquet)")
        self._con.unregister("frame")


_PUBLISHED: Final = """
    SELECT h.offer_id, h.window_days, h.orders, h.ncx_orders, h.comments, h.last_updated_on, h.n, h.k, h.c,
           o.relisted_on
      FROM health_offerhealth h JOIN offers_offer o ON o.id = h.offer_id
     WHERE h.marketplace_id = %s AND h.as_of = %s
"""


def refuse_other_counts(marketplace: Marketplace, day: date, counted: Counted, *, short: int = 30) -> int:
    """Raise AssertionError where the published night differs from DuckDB's. Returns the offers compared."""
    kinds = ("int", "int", "int", "int", "int", "day", "float", "float", "int", "day")
    offers, window, *published, relisted = fetch_columns(_PUBLISHED, [marketplace.pk, day], kinds)
    missing = np.setdiff1d(counted["offer_id"], offers)
    assert not len(missing), f"{len(missing)} offers with orders have no row of {day}, such as {missing[:5]}"
    laid = _laid_out(counted, offers)
    where = (window == short).astype(np.int64)
    n, k, c = (np.where(where, laid[f"{name}_short"], laid[f"{name}_long"]) for name in "nkc")
    last = np.where(laid["last"] > 0, laid["last"] + _FIRST_DAY, 0)
    weighed = relisted == 0  # orders before a relist count a quarter: only their plain counts compare
    for name, ours, theirs in zip(
        ("orders", "NCX orders", "comments", "last updated", "n", "k", "c"),
        published,
        (n, k, c, last, n, k, c),
        strict=True,
    ):
        differs = (ours != theirs) & (weighed if len(name) == 1 else True)
        some = [
            (int(offers[row]), float(ours[row]), float(theirs[row])) for row in np.flatnonzero(differs)[:3]
        ]
        assert not differs.any(), (
            f"{name} of {differs.sum()} offers differ, such as (offer, ours, DuckDB's) {some}"
        )
    return len(offers)


def _laid_out(counted: Counted, offers: NDArray[np.int64]) -> Counted:
    """DuckDB's columns along the offers of the night, 0 where it has none."""
    order = np.argsort(offers)
    place = order[np.searchsorted(offers, counted["offer_id"], sorter=order)]
    laid: Counted = {}
    for name, values in counted.items():
        laid[name] = np.zeros(len(offers), np.int64)
        laid[name][place] = np.ma.filled(values, 0)
    return laid
