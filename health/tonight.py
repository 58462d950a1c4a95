"""What all shards of one night share: its date, its policy, the night before, the benchmark in force."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Self

from health.benchmark_store import unpack_sums
from health.models import BenchmarkRefresh, HealthPolicy
from health.peers import Sums
from health.policy import Policy
from health.state import Past
from offers import bulk
from offers.models import Marketplace


@dataclass(frozen=True)
class Tonight:
    """One night of one marketplace.

    base: the last refresh of the benchmark before tonight, without its `fit`, which `sums` reads.
    """

    marketplace: Marketplace
    as_of: date
    policy_row: HealthPolicy
    policy: Policy
    past: Past
    base: BenchmarkRefresh | None

    @classmethod
    def of(cls, marketplace: Marketplace, as_of: date, policy: int) -> Self:
        """As it stands in the caller's snapshot, with the policy version of this id."""
        row = HealthPolicy.objects.get(pk=policy)
        refreshes = BenchmarkRefresh.objects.filter(marketplace=marketplace, as_of__lt=as_of)
        return cls(
            marketplace=marketplace,
            as_of=as_of,
            policy_row=row,
            policy=row.policy,
            past=Past.of(marketplace, as_of, row),
            base=refreshes.order_by("-as_of").defer("fit").first(),
        )

    @property
    def before(self) -> date | None:
        """The last computed night before this one, None for the first."""
        return self.past.before

    @cached_property
    def sums(self) -> Sums:
        """The sums of `base`, by which newcomers are placed: large, so unpacked once for all shards."""
        if self.base is None:
            raise ValueError("There is no benchmark before the first night.")
        table = BenchmarkRefresh._meta.db_table
        return unpack_sums(bulk.fetch_blob(f"SELECT fit FROM {table} WHERE id = %s", [self.base.pk]))  # noqa: S608

    @property
    def is_refresh_due(self) -> bool:
        """Whether METHOD 2 asks for a refresh whatever is counted: a new week, policy or marketplace."""
        if self.base is None or self.before is None or self.base.policy_id != self.policy_row.pk:
            return True
        return self.before.isocalendar()[:2] != self.as_of.isocalendar()[:2]

    def has_moved(self, sum_n: float) -> bool:
        """Whether the orders of the window are so many more or fewer than those the benchmark rests on."""
        known = self.base.sum_n if self.base else 0.0
        return abs(sum_n - known) > self.policy.refresh_share * known
