"""What is killed in which scenario, and the databases that the scenarios begin with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from health.recompute import recompute_period
from offers.models import Marketplace
from tests.faults import imports, mails, market, nights, relists
from tests.faults.runs import Kill, Stage

_NOTICES: Final = 300
_ROWS: Final = 30_000


@dataclass(frozen=True)
class Scenario:
    """Whom to kill, a run with several kills, and how many fit into one run."""

    targets: tuple[str, ...]
    run: Callable[[list[str]], list[Kill]]
    together: int


def prepared(stage: Stage, name: str, large_offers: int) -> Scenario:
    """A scenario with its database made and its undisturbed run done. KeyError for an unknown name."""
    return _SCENARIOS[name](stage, large_offers)


def _market(stage: Stage, name: str, large_offers: int) -> tuple[str, date]:
    """A database up to the night that is due."""
    database = stage.databases.make(f"faults_{name}")
    return database, market.build(large_offers)


def _with_night(stage: Stage, name: str) -> tuple[str, date]:
    """A small market with its night computed."""
    database, due = _market(stage, name, 0)
    recompute_period(Marketplace.objects.get(code=market.SMALL), due)
    return database, due


def _night(stage: Stage, large_offers: int) -> Scenario:
    database, due = _market(stage, "night", large_offers)
    return Scenario(nights.TARGETS, nights.Nights(stage, database, due).run, 3)


def _refreshed_night(stage: Stage, large_offers: int) -> Scenario:
    database, due = _market(stage, "refreshed", large_offers)
    market.ask_for_refresh()
    return Scenario(nights.TARGETS, nights.Nights(stage, database, due, nights.REFRESHED).run, 3)


def _import(stage: Stage, _large_offers: int) -> Scenario:
    database, due = _with_night(stage, "import")
    files = market.write_files(stage.folder, due, _ROWS)
    return Scenario(imports.TARGETS, imports.Imports(stage, database, files, due.isoformat()).run, 2)


def _relist(stage: Stage, _large_offers: int) -> Scenario:
    database, _ = _with_night(stage, "relist")
    number = len(market.prepare_relists())
    return Scenario(relists.TARGETS, relists.Relists(stage, database).run, number)


def _mail(stage: Stage, _large_offers: int) -> Scenario:
    database, _ = _with_night(stage, "mail")
    market.add_notices(_NOTICES)
    return Scenario(mails.TARGETS, mails.Mails(stage, database).run, 1)


_SCENARIOS: Final[dict[str, Callable[[Stage, int], Scenario]]] = {
    nights.FROZEN: _night,
    nights.REFRESHED: _refreshed_night,
    "import": _import,
    "relist": _relist,
    "e-mails": _mail,
}
