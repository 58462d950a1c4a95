"""How each offer compares with similar offers: policies, nights, benchmarks, current health, history."""

from health.models.benchmarks import BenchmarkPiece, BenchmarkPlacement, BenchmarkRefresh, Part
from health.models.cases import ResolutionCase
from health.models.current import GridOrder, OfferHealth, SellerSummary, Tile, Urgency
from health.models.history import HealthChange
from health.models.mail import EmailPreference, NotificationEmail
from health.models.notices import Notification, NotificationKind, SavedView
from health.models.policies import HealthPolicy
from health.models.runs import ClosureHold, LateNight, Night, RecomputeRun

__all__ = [
    "BenchmarkPiece",
    "BenchmarkPlacement",
    "BenchmarkRefresh",
    "ClosureHold",
    "EmailPreference",
    "GridOrder",
    "HealthChange",
    "HealthPolicy",
    "LateNight",
    "Night",
    "Notification",
    "NotificationEmail",
    "NotificationKind",
    "OfferHealth",
    "Part",
    "RecomputeRun",
    "ResolutionCase",
    "SavedView",
    "SellerSummary",
    "Tile",
    "Urgency",
]
