"""When the numbers were last computed and when next; a stale or failed night says so (PRODUCT B9)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import get_language, gettext, ngettext

from vocdash.pages.formats import Locale, locale


@dataclass(frozen=True, slots=True, kw_only=True)
class NightReport:
    """What is known of one marketplace's nights; all moments are in its own zone.

    `as_of` and `finished_at` belong to the last computed night, `due` is the night that should be computed by
    `now`, `next_at` the moment at which the next one starts. `failed` and `running` tell of the last run.
    """

    as_of: date | None
    finished_at: datetime | None
    due: date
    next_at: datetime
    now: datetime
    failed: bool = False
    running: bool = False
    marketplace: str = ""
    """Its name where several are shown, else empty."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """One line for the page's head, and for a stale night what has to be said about it."""

    line: str
    next_run: str
    warning: str
    warning_detail: str

    @property
    def stale(self) -> bool:
        """Whether the page has to warn."""
        return bool(self.warning)


def freshness(report: NightReport) -> Freshness:
    """Put a marketplace's nights into words."""
    style = locale(get_language())
    if report.as_of is None or report.finished_at is None:
        line = gettext("Not computed yet")
    else:
        line = _recomputed(report.finished_at, report.now, style)
    line = _named(report, line)
    warning, detail = _warning(report, style)
    return Freshness(line, _next(report.next_at, report.now, style), warning, detail)


def _named(report: NightReport, line: str) -> str:
    """A line with the marketplace in front where several are shown."""
    if not report.marketplace:
        return line
    return gettext("%(marketplace)s: %(line)s") % {"marketplace": report.marketplace, "line": line}


def _recomputed(at: datetime, now: datetime, style: Locale) -> str:
    values = {"time": style.time(at), "day": style.day(at)}
    days = (now.date() - at.date()).days
    if days == 0:
        return gettext("Recomputed today at %(time)s") % values
    if days == 1:
        return gettext("Recomputed yesterday at %(time)s") % values
    return gettext("Recomputed on %(day)s at %(time)s") % values


def _next(at: datetime, now: datetime, style: Locale) -> str:
    values = {"time": style.time(at), "day": style.day(at)}
    if at.date() == now.date():
        return gettext("Next: today at %(time)s") % values
    if at.date() == now.date() + timedelta(days=1):
        return gettext("Next: tomorrow at %(time)s") % values
    return gettext("Next: %(day)s at %(time)s") % values


def _warning(report: NightReport, style: Locale) -> tuple[str, str]:
    if report.as_of is None:
        return (_failed(report) if report.failed else ""), ""
    if report.as_of >= report.due and not report.failed:
        return "", ""
    details = [_why(report)] if report.failed or report.running else []
    details.append(gettext("The numbers below are from %(day)s.") % {"day": style.day(report.as_of)})
    return _age(report, report.as_of, style), " ".join(details)


def _why(report: NightReport) -> str:
    if report.running:
        return gettext("The latest numbers are being computed now.")
    return gettext("The last run didn't finish.")


def _failed(report: NightReport) -> str:
    return _named(report, gettext("The last recomputation failed."))


def _age(report: NightReport, as_of: date, style: Locale) -> str:
    """How far behind the numbers are, counted in nights that should be there."""
    missing = (report.due - as_of).days
    if missing <= 0:
        return _failed(report)
    values = {"days": style.count(missing)}
    sentence = ngettext("Health is %(days)s day behind.", "Health is %(days)s days behind.", missing)
    if report.marketplace:
        values["marketplace"] = report.marketplace
        sentence = ngettext(
            "Health for %(marketplace)s is %(days)s day behind.",
            "Health for %(marketplace)s is %(days)s days behind.",
            missing,
        )
    return sentence % values
