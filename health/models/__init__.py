"""How each offer compares with similar offers: policies, nights, benchmarks, current health, history."""

from health.models.benchmarks import BenchmarkPlacement, BenchmarkRefresh
from health.models.current import OfferHealth, SellerSummary, Tile, Urgency
from health.models.history import HealthChange
from health.models.notices import Notification, NotificationKind, SavedView
from health.models.policies import HealthPolicy
from health.models.runs import ClosureHold, Night, RecomputeRun

__all__ = [
    "BenchmarkPlacement",
    "BenchmarkRefresh",
    "ClosureHold",
    "HealthChange",
    "HealthPolicy",
    "Night",
    "Notification",
    "NotificationKind",
    "OfferHealth",
    "RecomputeRun",
    "SavedView",
    "SellerSummary",
    "Tile",
    "Urgency",
]
