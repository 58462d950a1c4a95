"""A whole night, judged: what all its shards found. Their rows lie where they were put (`stages.py`)."""

from dataclasses import dataclass
from datetime import date

from health.findings import Findings
from health.models import BenchmarkRefresh
from health.policy import Policy
from health.tonight import Tonight
from offers.models import Marketplace


@dataclass(frozen=True, slots=True)
class NightResult:
    """What is published of a night besides rows and history. new: its refresh of the benchmark, not saved."""

    tonight: Tonight
    findings: Findings
    new: BenchmarkRefresh | None

    @property
    def marketplace(self) -> Marketplace:
        """The night's marketplace."""
        return self.tonight.marketplace

    @property
    def as_of(self) -> date:
        """The night's date."""
        return self.tonight.as_of

    @property
    def policy(self) -> Policy:
        """The night's policy."""
        return self.tonight.policy

    @property
    def sum_n(self) -> float:
        """The orders that count, over all offers that take part."""
        return self.findings.sums.weighed(self.policy)
