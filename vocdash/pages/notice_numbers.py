"""The frozen numbers of a notice in words: short, as a sentence, and the rule that they were judged by.

Everything comes from the evidence that the night stored with the notice and from the policy version which
it names; nothing of what was imported or computed later.
"""

from datetime import date
from typing import Any, Final

from django.utils.translation import gettext, ngettext

from health.bands import Band
from health.forecast import Counts, verdict_facts
from health.grouping import Level
from health.models import HealthPolicy, Notification
from health.policy import Policy
from health.reported import main_reason, reported
from offers.models import Offer
from vocdash.pages.facts import Chance, Facts, Similar
from vocdash.pages.notice_parts import Quote, day_of, style
from vocdash.pages.offer_verdict import group_of
from vocdash.pages.offer_words import channel_label
from vocdash.pages.phrases import closing_evidence
from vocdash.pages.rows import reason_label
from vocdash.pages.states import STATE_OF_TILE, HealthState
from vocdash.pages.wording import Sentence, verdict

_NUMBERS: Final = frozenset({"band", "orders", "ncx_orders", "m", "s", "n", "k", "level", "window_days"})
_MOST_QUOTES: Final = 3
_LONGEST_QUOTE: Final = 240


def has_numbers(notice: Notification) -> bool:
    """Whether a night stands behind the notice; an operator's own act has only a reason."""
    return set(notice.evidence) >= _NUMBERS


def state_then(notice: Notification) -> HealthState | None:
    """The state that the evidence is of."""
    if not has_numbers(notice):
        return None
    return STATE_OF_TILE[int(Band[notice.evidence["band"]])]


def rate_then(notice: Notification) -> str:
    """The NCX rate."""
    return style().percent(_rate(notice.evidence))


def typical_then(notice: Notification) -> str:
    """What was usual for similar offers."""
    return style().percent(float(notice.evidence["m"]))


def _rate(evidence: dict[str, Any]) -> float:
    orders = int(evidence["orders"])
    return int(evidence["ncx_orders"]) / orders if orders else 0.0


def numbers_in_short(notice: Notification) -> list[tuple[str, str]]:
    """Rate, similar offers, main reason: name and value."""
    if not has_numbers(notice):
        return []
    evidence, write = notice.evidence, style()
    orders, offers = int(evidence["orders"]), int(evidence.get("similar_offers", 0))
    counted = ngettext(
        "%(rate)s (%(k)s of %(n)s order in %(days)s days)",
        "%(rate)s (%(k)s of %(n)s orders in %(days)s days)",
        orders,
    ) % {
        "rate": rate_then(notice),
        "k": write.count(int(evidence["ncx_orders"])),
        "n": write.count(orders),
        "days": write.count(int(evidence["window_days"])),
    }
    typical = ngettext(
        "%(rate)s, typical of %(count)s offer", "%(rate)s, typical of %(count)s offers", offers
    ) % {"rate": typical_then(notice), "count": write.count(offers)}
    found = [
        (gettext("NCX rate"), counted),
        (gettext("Similar offers"), typical if offers else typical_then(notice)),
    ]
    reason, number = main_reason(evidence)
    if reason:
        words = ngettext("%(reason)s (%(count)s order)", "%(reason)s (%(count)s orders)", number)
        values = {"reason": reason_label(reason), "count": write.count(number)}
        found.append((gettext("Main reason"), words % values))
    return found


def evidence_in_words(notice: Notification, policy: Policy) -> list[Sentence]:
    """The verdict's sentence, with the numbers of then."""
    state = state_then(notice)
    if state is None or notice.offer is None:
        return []
    evidence = notice.evidence
    discounted = evidence["n"] != evidence["orders"]
    return verdict(
        Facts(
            state=state,
            window_days=int(evidence["window_days"]),
            orders=int(evidence["orders"]),
            ncx_orders=int(evidence["ncx_orders"]),
            comments=int(evidence.get("comments", 0)),
            similar=_similar(notice.offer, evidence),
            chance=_chance(evidence, policy),
            discounted_before=day_of(evidence, "relisted_on") if discounted else None,
            relist_weight=policy.relist_weight,
        )
    )


def _similar(offer: Offer, evidence: dict[str, Any]) -> Similar:
    return Similar(
        typical=float(evidence["m"]),
        group=group_of(offer, Level[evidence["level"]]),
        offers=int(evidence.get("similar_offers", 0)),
    )


def _chance(evidence: dict[str, Any], policy: Policy) -> Chance | None:
    orders, ncx_orders = int(evidence["orders"]), int(evidence["ncx_orders"])
    if not orders:
        return None
    counts = Counts(orders=orders, ncx_orders=ncx_orders, n=float(evidence["n"]), k=float(evidence["k"]))
    band = Band[evidence["band"]]
    found = verdict_facts(counts, float(evidence["m"]), float(evidence["s"]), band, policy)
    return Chance(
        mean=found.underlying,
        probability=found.chance,
        cutoff=found.cutoff,
        multiple=found.multiple,
        cap=policy.chance_cap,
    )


def policy_then(notice: Notification) -> Policy:
    """The numbers of the policy version that the evidence names; versions are never changed."""
    versions = HealthPolicy.objects.filter(version=notice.evidence.get("policy_version"))
    row = versions.filter(marketplace=notice.marketplace).first()
    return row.policy if row else Policy()


def rule_in_words(notice: Notification, policy: Policy) -> list[str]:
    """By which rule an offer was closed: nights, tests, policy version, data."""
    evidence, write = notice.evidence, style()
    upto: date | None = day_of(evidence, "as_of")
    nights = int(evidence.get("nights", 0))
    words = ngettext(
        "It was closed by policy v%(version)s, after %(nights)s night on which it was Very poor with "
        "enough orders and comments to be sure. Data up to %(day)s.",
        "It was closed by policy v%(version)s, after %(nights)s nights running on which it was Very poor "
        "with enough orders and comments to be sure. Data up to %(day)s.",
        nights,
    )
    found = [
        words
        % {
            "version": evidence.get("policy_version", "–"),
            "nights": write.count(nights),
            "day": write.day(upto) if upto else "–",
        }
    ]
    if evidence.get("tests"):
        newest = int(evidence["window_days"]) // policy.cluster_newest_divisor
        found.append(closing_evidence(policy.cluster_order_days, policy.cluster_event_days, newest))
    return found


def quotes_of(notice: Notification) -> list[Quote]:
    """A few of the comments behind the numbers. Addresses and phone numbers were masked on import."""
    found = []
    for event in reported(notice.evidence, _MOST_QUOTES):
        words = event.comment.strip()
        if len(words) > _LONGEST_QUOTE:
            words = f"{words[:_LONGEST_QUOTE].rsplit(' ', 1)[0]}…"
        about = (channel_label(event), reason_label(event.reason), style().day(event.occurred_on))
        said = gettext("“%(words)s”") % {"words": " ".join(words.split())}
        found.append(Quote(said, " · ".join(part for part in about if part)))
    return found
