"""The orders file a row at a time, in plain Python: what the import by whole columns must come to as well."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from offers.customers import customer_hash, hash_key
from offers.importers.known import Known
from offers.importers.lines import BadText, LineReader, RowReader
from offers.importers.lives import Life, life_of_order
from offers.importers.reports import shown
from offers.models import Marketplace, Offer, Seller
from offers.selectors import closed_periods

COLUMNS = ("marketplace", "seller", "order_id", "sku", "ordered_at", "quantity", "status", "customer")
GIVEN = {
    "seller": "give the seller's code",
    "order_id": "give the order's number",
    "sku": "give the seller's SKU",
    "ordered_at": "give the date of the order",
}
LONGEST = {"seller": 64, "order_id": 100, "sku": 200}
STATUSES = ("shipped", "pending", "cancelled")
MOST = 2_147_483_647
NEVER = datetime.max.replace(tzinfo=UTC)
Stored = tuple[date, datetime | None, int, str, int | None]
Key = tuple[int, str]


class BadRow(Exception):
    """A row with something wrong: the column, and what to do."""


@dataclass
class Said:
    """What one good row says."""

    line: int
    cells: dict[str, str]
    seller: int
    on: date
    at: datetime | None
    quantity: int
    status: str


@dataclass
class Told:
    """What an import reports."""

    read: int = 0
    tally: Counter[str] = field(default_factory=Counter)
    problems: list[tuple[int, str, str, str]] = field(default_factory=list)
    merged: list[int] = field(default_factory=list)


class ByRow:
    """Imports order files one row after another, into a dictionary."""

    def __init__(self, marketplace: Marketplace) -> None:
        self.lines: dict[Key, Stored] = {}
        self._marketplace = marketplace
        self._zone = marketplace.zone
        self._known = Known(marketplace)
        self._sellers = dict(Seller.objects.values_list("code", "pk"))
        self._lives: dict[tuple[int, str], list[Life]] = {}
        for offer in Offer.objects.filter(marketplace=marketplace):
            life = Life(offer.pk, offer.listed_on, offer.deleted_on)
            self._lives.setdefault((offer.seller_id, offer.sku), []).append(life)
        for lives in self._lives.values():
            lives.sort(key=lambda life: (life.deleted_on is None, life.deleted_on, life.offer_id))
        self._closed = closed_periods(list(Offer.objects.values_list("pk", flat=True)))

    def bring_in(self, data: bytes) -> Told:
        told = Told()
        same: dict[tuple[int, str, str], list[Said]] = {}
        for line, cells in self._rows(data, told):
            told.read += 1
            try:
                said = self._check(line, cells)
            except BadRow as wrong:
                self._refuse(told, line, cells, *wrong.args)
            else:
                same.setdefault((said.seller, cells["sku"], cells["order_id"]), []).append(said)
        # Rows that stand alone are stored before those that are merged: a chunk after the other.
        for parts in same.values():
            self._store(parts, told)
        told.problems.sort()
        told.read += sum(1 for problem in told.problems if problem[1] == "")
        return told

    def _rows(self, data: bytes, told: Told) -> Iterator[tuple[int, dict[str, str]]]:
        def refuse(bad: BadText) -> None:
            told.problems.append((bad.line, "", "", bad.message))

        lines = LineReader(io.BytesIO(data))
        header = [name.strip().lower() for name in next(lines).text.decode().split(",")]
        for row in RowReader(lines, ",", len(header), refuse):
            cells = next(csv.reader(io.StringIO(row.text.decode(), newline="")))
            given = dict(zip(header, map(str.strip, cells), strict=True))
            yield row.line, {name: given.get(name, "") for name in COLUMNS}

    def _refuse(self, told: Told, line: int, cells: dict[str, str], column: str, advice: str) -> None:
        value = cells[column]
        what = f"{column} is {shown(value)}" if value else f"{column} is empty"
        told.problems.append((line, column, value[:200], f"{what}: {advice}."))
        told.tally["bad"] += 1

    def _check(self, line: int, cells: dict[str, str]) -> Said:
        code = self._marketplace.code
        if cells["marketplace"] != code:
            raise BadRow(
                "marketplace", f"this import is for {code}; import other marketplaces' rows on their own"
            )
        for column, advice in GIVEN.items():
            if not cells[column]:
                raise BadRow(column, advice)
        for column, most in LONGEST.items():
            if len(cells[column]) > most:
                raise BadRow(column, f"shorten it to {most:,} characters")
        on, at = self._moment(cells["ordered_at"])
        quantity = self._quantity(cells["quantity"])
        status = {"": "shipped", "canceled": "cancelled"}.get(
            cells["status"].lower(), cells["status"].lower()
        )
        if status not in STATUSES:
            raise BadRow("status", f"give one of {', '.join(STATUSES)}, or nothing for shipped")
        seller = self._seller(cells)
        return Said(line, cells, seller, on, at, quantity, status)

    def _moment(self, text: str) -> tuple[date, datetime | None]:
        try:
            on, at = self._read(text.upper())
        except ValueError as error:
            raise BadRow(
                "ordered_at",
                "give a date such as 2024-03-31, or a date and time such as 2024-03-31T18:05:00 (with an "
                "offset such as Z or -03:00 if it isn't the marketplace's own time)",
            ) from error
        today = timezone.now().astimezone(self._zone).date()
        if not date(1995, 1, 1) <= on <= today + timedelta(days=1):
            raise BadRow("ordered_at", "give a date from 1995-01-01 to tomorrow")
        return on, at

    def _read(self, text: str) -> tuple[date, datetime | None]:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text), None
        if not re.fullmatch(
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?( ?(Z|[+-][0-9]{2}:[0-9]{2}))?", text
        ):
            raise ValueError(text)
        moment = datetime.fromisoformat(re.sub(r" (?=[Z+-])", "", text))
        moment = moment.replace(tzinfo=self._zone) if moment.tzinfo is None else moment
        return moment.astimezone(self._zone).date(), moment.astimezone(UTC)

    def _quantity(self, text: str) -> int:
        if not text:
            return 1
        if not re.fullmatch(r"[+-]?[0-9]{1,12}(\.0{1,6})?", text) or not 0 <= float(text) <= MOST:
            raise BadRow("quantity", "give a whole number from 0")
        return int(float(text))

    def _seller(self, cells: dict[str, str]) -> int:
        seller = self._sellers.get(cells["seller"])
        if seller is None:
            raise BadRow(
                "seller", "there is no such seller; correct the code, or import with --create-sellers"
            )
        if (seller, cells["sku"]) not in self._lives:
            nearest = self._known.nearest_sku(seller, cells["sku"])
            known = (
                f"the nearest known SKU of this seller is {nearest!r}"
                if nearest
                else "import its offer first"
            )
            raise BadRow("sku", f"this seller has no such SKU; {known}")
        return seller

    def _store(self, parts: list[Said], told: Told) -> None:
        line = self._merged(parts)
        told.merged += [said.line for said in parts[:-1]]
        last = parts[-1]
        lives, order_ref = self._lives[last.seller, last.cells["sku"]], last.cells["order_id"]
        own = life_of_order(lives, line[0]).offer_id
        # The life in which the line belongs is looked at last, so that it wins.
        places = [life.offer_id for life in lives if life.offer_id != own] + [own]
        there = [offer_id for offer_id in places if (offer_id, order_ref) in self.lines]
        advice = self._refusal(line, None if there else own)
        if advice:
            for said in parts:
                self._refuse(told, said.line, said.cells, *advice)
            return
        before = self.lines.pop((there[-1], order_ref)) if there else None
        if before and "customer" in last.cells and line == before and there[-1] == own:
            outcome = "unchanged"
        else:
            outcome = "changed" if there else "added"
        self.lines[own, order_ref] = line
        told.tally[outcome] += len(parts)

    def _merged(self, parts: list[Said]) -> Stored:
        last = parts[-1]
        customer = customer_hash(last.cells["customer"], hash_key(settings.CUSTOMER_HASH_KEY))
        if len(parts) == 1:
            return last.on, last.at, last.quantity, last.status, customer
        quantity = sum(said.quantity for said in parts if said.status != "cancelled")
        status = min((said.status for said in parts), key=STATUSES.index)
        first = min(parts, key=lambda said: (said.on, said.at or NEVER))
        return first.on, first.at, quantity, status, customer

    def _refusal(self, line: Stored, new_at: int | None) -> tuple[str, str] | None:
        """Why a line is refused; `new_at`: the offer to which a new line would go."""
        if line[2] > MOST:
            return "quantity", f"the quantities of the order line add up to over {MOST}"
        for closed, opened in self._closed.get(new_at, []) if new_at else []:
            first, last = line[1], line[1]
            if first is None or last is None:
                first = datetime.combine(line[0], time.min, self._zone)
                last = datetime.combine(line[0] + timedelta(days=1), time.min, self._zone)
            if closed <= first and (opened is None or last < opened or (line[1] is None and last <= opened)):
                since = closed.astimezone(self._zone).date()
                until = f"until {opened.astimezone(self._zone).date()}" if opened else "and still is"
                return "ordered_at", (
                    f"the offer was closed on {since} {until}, and a closed offer can't be bought; correct "
                    "the date (orders from before the closure are taken)"
                )
        return None


def stored_lines() -> dict[Key, Any]:
    """What the database holds, in the same form."""
    from offers.models import OrderLine

    columns = ("offer_id", "order_ref", "ordered_on", "ordered_at", "quantity", "status", "customer")
    return {row[:2]: row[2:] for row in OrderLine.objects.values_list(*columns)}
