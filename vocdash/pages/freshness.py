"""When the numbers were last computed and when next; a stale or failed night says so (PRODUCT B9)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import get_language, gettext, ngettext

from vocdash.pages.formats import Locale, locale


@dataclass(frozen=True, slots=True, kw_only=True)
class NightReport:
    """What is known of one marketplace's nights; all moments are in its own zone.

    `as_of` and `finished_at` belong to the last computed night, `due` is the night that should be there by
    `now` (one whose hour has just come is not due yet), `next_at` the moment at which the next one starts.
    `failed` and `running` tell of the last run; one that died has failed. `run_address`, for operators only,
    is where it is shown.
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
    run: int | None = None
    run_address: str = ""

    @property
    def awaited(self) -> bool:
        """Whether a night's hour has come and the night has not: then it is begun again and again."""
        begun = self.next_at.date() > self.now.date()
        if self.as_of is None:
            return begun and (self.failed or self.running)
        return begun and self.as_of < self.now.date() - timedelta(days=1)

    @property
    def tried(self) -> bool:
        """Whether the night that is awaited should be there by now, or a run of it has failed."""
        return self.failed or (self.as_of is not None and self.as_of < self.due)


@dataclass(frozen=True, slots=True)
class Freshness:
    """One line for the page's head, and for a stale night what has to be said about it."""

    line: str
    next_run: str
    warning: str
    warning_detail: str
    address: str = ""
    action: str = ""

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
    action = gettext("See the run") if report.run_address else ""
    return Freshness(line, _following(report, style), warning, detail, report.run_address, action)


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


def _following(report: NightReport, style: Locale) -> str:
    """When the next night comes; one that is missing is not waited for until tomorrow."""
    if not report.awaited:
        return _next(report.next_at, report.now, style)
    if report.running:
        return gettext("Next: being computed now")
    # Within minutes, and after several attempts in vain once an hour (`health.runs`).
    return gettext("Next: tried again within the hour") if report.tried else gettext("Next: about to begin")


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
    details = [_why(report), *_promise(report)]
    details.append(gettext("The numbers below are from %(day)s.") % {"day": style.day(report.as_of)})
    return _age(report, report.as_of, style), " ".join(details)


def _why(report: NightReport) -> str:
    if report.running:
        return gettext("The latest numbers are being computed now.")
    if report.failed:
        return gettext("The last run didn't finish.")
    return gettext("The nights since then have not been computed yet.")


def _promise(report: NightReport) -> list[str]:
    """What a seller may rely on while a night is missing; nothing is to be done by them."""
    if report.running or report.as_of is None or report.as_of >= report.due:
        return []
    return [gettext("It is tried again without you, and no order or feedback is lost.")]


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
