"""A notice told in full, by its kind: what the inbox shows, and what the e-mail and its text twin say."""

from collections.abc import Callable
from typing import Final

from django.utils.translation import gettext

from health.models import Notification, NotificationKind
from health.policy import Policy
from offers.models import Offer
from vocdash.pages.notice_lines import nights_at_risk, short_line, title_line, week_values
from vocdash.pages.notice_numbers import (
    evidence_in_words,
    has_numbers,
    numbers_in_short,
    policy_then,
    quotes_of,
    rule_in_words,
    state_then,
)
from vocdash.pages.notice_parts import (
    Story,
    day_of,
    identity,
    local,
    no_account_effect,
    style,
    title_of,
    what_to_do,
    with_offset,
)
from vocdash.pages.notice_weekly import week_in_numbers, week_in_sections
from vocdash.pages.shell import address_of
from vocdash.pages.wording import Sentence


def story_of(notice: Notification) -> Story:
    """The notice in words, in the active language. Its offer, seller and marketplace are loaded."""
    return _STORIES[NotificationKind(notice.kind)](notice)


def _details(notice: Notification) -> str:
    """The details link: it lands where the dashboard's path lands (PRODUCT D3)."""
    return address_of("offer", notice.offer_id) if notice.offer_id else address_of("dashboard")


def _title(notice: Notification) -> dict[str, str]:
    return {"title": title_of(notice)}


def _identity(notice: Notification) -> list[tuple[str, str]]:
    return identity(notice.offer) if notice.offer else []


def _policy(notice: Notification) -> Policy | None:
    return policy_then(notice) if has_numbers(notice) else None


def _reason(notice: Notification) -> list[Sentence]:
    reason = notice.evidence.get("reason", "")
    return [Sentence(gettext("The reason given: %(reason)s"), {"reason": reason})] if reason else []


def _closed(notice: Notification) -> Story:
    policy, offer = _policy(notice), notice.offer
    moved = notice.status_change
    closed_at = [(gettext("Closed"), with_offset(local(notice, moved.at)))] if moved else []
    return Story(
        subject=gettext("Action required: your offer has been closed – %(title)s") % _title(notice),
        headline=_closed_headline(by_rate=policy is not None),
        tone="vp",
        lead=_closed_lead(notice, by_rate=policy is not None),
        facts=numbers_in_short(notice),
        more=[*_identity(notice), *closed_at],
        why=evidence_in_words(notice, policy) if policy else [],
        rule=rule_in_words(notice, policy) if policy else [],
        quotes=quotes_of(notice) if policy else [],
        steps=_to_relist(offer) if offer else [],
        after=_after_closure(by_rate=policy is not None),
        button=(gettext("See details and resolve the issue"), _details(notice)),
    )


def _closed_headline(*, by_rate: bool) -> str:
    if by_rate:
        return gettext("Your offer has been closed because of a high NCX rate")
    return gettext("Your offer has been closed by an operator")


def _closed_lead(notice: Notification, *, by_rate: bool) -> list[Sentence]:
    values = {"title": title_of(notice)}
    if by_rate:
        return [
            Sentence(
                gettext(
                    "Customers can't buy <strong>%(title)s</strong> until you review and address the "
                    "feedback that caused the high negative customer experience (NCX) rate."
                ),
                values,
            )
        ]
    words = gettext(
        "Customers can't buy <strong>%(title)s</strong> until you have addressed this and relist the offer."
    )
    return [Sentence(words, values), *_reason(notice)]


def _to_relist(offer: Offer) -> list[str]:
    return what_to_do(offer, gettext("Confirm and relist the offer yourself. No approval is needed."))


def _after_closure(*, by_rate: bool) -> list[Sentence]:
    """PRODUCT A5, and what to expect."""
    found = [no_account_effect()]
    if by_rate:
        found += [
            Sentence(
                gettext(
                    "Offers are closed to prevent more negative experiences and to give you time to fix the "
                    "problem."
                )
            ),
            Sentence(
                gettext(
                    "After you relist, it may take several weeks for the NCX rate to improve, depending on "
                    "your order volume."
                )
            ),
        ]
    return found


def _lifted(notice: Notification) -> Story:
    moved = notice.status_change
    opened_at = [(gettext("Open again"), with_offset(local(notice, moved.at)))] if moved else []
    lead = Sentence(
        gettext(
            "An operator found that <strong>%(title)s</strong> was closed in error. Customers can buy it "
            "again, and you have nothing to do."
        ),
        {"title": title_of(notice)},
    )
    kept = gettext(
        "This closure no longer counts: it is taken out of the Last offer closed date. Your orders keep "
        "their full weight."
    )
    return Story(
        subject=gettext("Closed in error, open again: %(title)s") % _title(notice),
        headline=gettext("Your offer is open again: it was closed in error"),
        tone="ok",
        lead=[lead, *_reason(notice)],
        more=[*_identity(notice), *opened_at],
        after=[Sentence(kept), no_account_effect()],
        button=(gettext("View details"), _details(notice)),
    )


def _at_risk(notice: Notification) -> Story:
    policy, offer, state = _policy(notice), notice.offer, state_then(notice)
    values = {"title": title_of(notice), "nights": nights_at_risk(notice)}
    lead = gettext("<strong>%(title)s</strong> is open, but its CX health is at risk. %(nights)s")
    closing = gettext(
        "An offer that stays Very poor, with enough orders and comments to be sure, is closed until its "
        "seller has reviewed the feedback and relists it."
    )
    last = gettext("Confirm. Improving takes no relist: the offer stays open.")
    return Story(
        subject=gettext("At risk of closure: %(title)s") % _title(notice),
        headline=gettext("Your offer is at risk of closure"),
        tone=state.tone if state else "po",
        lead=[Sentence(lead, values), Sentence(closing)],
        facts=numbers_in_short(notice),
        more=_identity(notice),
        why=evidence_in_words(notice, policy) if policy else [],
        rule=_upto(notice),
        steps=what_to_do(offer, last) if offer else [],
        after=[no_account_effect()],
        button=(gettext("See details and improve the offer"), _details(notice)),
    )


def _upto(notice: Notification) -> list[str]:
    """Which data and which policy the numbers are of."""
    upto = day_of(notice.evidence, "as_of")
    if upto is None or not notice.evidence.get("policy_version"):
        return []
    values = {"version": notice.evidence["policy_version"], "day": style().day(upto)}
    return [gettext("By policy v%(version)s, with data up to %(day)s.") % values]


def _recovering(notice: Notification) -> Story:
    policy, state = _policy(notice), state_then(notice)
    band = str(state.label) if state else ""
    relisted = day_of(notice.evidence, "relisted_on")
    lead = Sentence(
        gettext("<strong>%(title)s</strong> is %(band)s for the first time since its relist on %(day)s."),
        {"title": title_of(notice), "band": band, "day": style().day(relisted) if relisted else "–"},
    )
    return Story(
        subject=gettext("Recovering: %(title)s") % _title(notice),
        headline=gettext("Your offer is recovering: its CX health is %(band)s") % {"band": band},
        tone="ok",
        lead=[lead],
        facts=numbers_in_short(notice),
        more=_identity(notice),
        why=evidence_in_words(notice, policy) if policy else [],
        rule=_upto(notice),
        button=(gettext("View details"), _details(notice)),
    )


def _weekly(notice: Notification) -> Story:
    upto = day_of(notice.evidence, "as_of")
    lead = gettext("Where your offers stand with data up to %(day)s, and what happened in the week before.")
    return Story(
        subject=title_line(notice),
        headline=gettext("Your week, %(marketplace)s: %(offers)s") % week_values(notice),
        lead=[Sentence(lead, {"day": style().day(upto or notice.on)})],
        facts=week_in_numbers(notice),
        sections=week_in_sections(notice),
        button=(gettext("Open Voice of the Customer"), address_of("dashboard")),
    )


def _removal(notice: Notification) -> Story:
    order = address_of("removal", int(notice.evidence.get("removal", 0)))
    label = gettext("See the removal order") if order else gettext("View details")
    return Story(
        subject=title_line(notice),
        headline=title_line(notice),
        lead=[Sentence("%(said)s", {"said": short_line(notice)})],
        more=_identity(notice),
        button=(label, order or _details(notice)),
    )


def _plain(notice: Notification) -> Story:
    kind = str(NotificationKind(notice.kind).label)
    return Story(subject=kind, headline=kind, lead=[], button=(gettext("View details"), _details(notice)))


_STORIES: Final[dict[NotificationKind, Callable[[Notification], Story]]] = {
    NotificationKind.CLOSED: _closed,
    NotificationKind.LIFTED: _lifted,
    NotificationKind.AT_RISK: _at_risk,
    NotificationKind.RECOVERING: _recovering,
    NotificationKind.WEEKLY: _weekly,
    NotificationKind.REMOVAL: _removal,
    NotificationKind.IMPORT: _plain,
}
