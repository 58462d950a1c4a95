"""When the numbers were computed and when next; stale and failed nights say so (PRODUCT B9)."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import override

from vocdash.pages.freshness import NightReport, freshness

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 21, 14, 2, tzinfo=ZONE)
FRESH = NightReport(
    as_of=date(2026, 11, 20),
    finished_at=datetime(2026, 11, 21, 3, 12, tzinfo=ZONE),
    due=date(2026, 11, 20),
    next_at=datetime(2026, 11, 22, 3, 0, tzinfo=ZONE),
    now=NOW,
)
BEHIND = replace(FRESH, as_of=date(2026, 11, 18), finished_at=datetime(2026, 11, 19, 3, 12, tzinfo=ZONE))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_b9_a_fresh_night_says_when_and_when_next_and_warns_of_nothing() -> None:
    told = freshness(FRESH)
    assert (told.line, told.next_run) == ("Recomputed today at 03:12", "Next: tomorrow at 03:00")
    assert not told.stale


def test_b9_days_are_named_as_people_do() -> None:
    yesterday = freshness(replace(FRESH, now=datetime(2026, 11, 22, 1, 0, tzinfo=ZONE)))
    assert (yesterday.line, yesterday.next_run) == ("Recomputed yesterday at 03:12", "Next: today at 03:00")
    later = freshness(
        replace(FRESH, now=datetime(2026, 11, 15, 1, 0, tzinfo=ZONE), finished_at=BEHIND.finished_at)
    )
    assert plain(later.line) == "Recomputed on 19 Nov 2026 at 03:12"
    assert plain(later.next_run) == "Next: 22 Nov 2026 at 03:00"


def test_b9_a_stale_night_says_how_far_behind_and_from_when_the_numbers_are() -> None:
    told = freshness(BEHIND)
    assert told.warning == "Health is 2 days behind."
    assert plain(told.warning_detail) == (
        "The nights since then have not been computed yet. It is tried again without you, and no order or "
        "feedback is lost. The numbers below are from 18 Nov 2026."
    )


def test_b9_a_failed_night_says_that_the_run_did_not_finish() -> None:
    told = freshness(replace(BEHIND, failed=True))
    assert plain(told.warning_detail) == (
        "The last run didn't finish. It is tried again without you, and no order or feedback is lost. The "
        "numbers below are from 18 Nov 2026."
    )


def test_b9_a_failure_is_told_even_while_the_numbers_are_from_last_night() -> None:
    assert freshness(replace(FRESH, failed=True)).warning == "The last recomputation failed."


def test_b9_a_run_that_is_still_going_on_says_so_instead_of_failing() -> None:
    told = freshness(replace(BEHIND, running=True))
    assert told.warning_detail.startswith("The latest numbers are being computed now.")


def test_b9_the_line_of_a_missing_night_does_not_wait_until_tomorrow() -> None:
    assert freshness(BEHIND).next_run == "Next: tried again within the hour"
    assert freshness(replace(BEHIND, failed=True)).next_run == "Next: tried again within the hour"
    assert freshness(replace(BEHIND, running=True)).next_run == "Next: being computed now"
    with override("fr"):
        assert plain(freshness(BEHIND).next_run) == "Prochain calcul : nouvel essai d’ici une heure"
        assert plain(freshness(replace(BEHIND, running=True)).next_run) == "Prochain calcul : en cours"


def test_b9_before_its_hour_nothing_is_tried_again() -> None:
    early = datetime(2026, 11, 22, 1, 0, tzinfo=ZONE)
    for known in (BEHIND, replace(BEHIND, failed=True)):
        assert freshness(replace(known, now=early)).next_run == "Next: today at 03:00"


def test_b9_within_its_first_hour_a_night_is_about_to_begin_unless_it_failed() -> None:
    coming = replace(FRESH, now=datetime(2026, 11, 22, 3, 5, tzinfo=ZONE))
    coming = replace(coming, next_at=datetime(2026, 11, 23, 3, 0, tzinfo=ZONE))
    assert freshness(coming).next_run == "Next: about to begin"
    assert freshness(replace(coming, failed=True)).next_run == "Next: tried again within the hour"
    assert freshness(replace(coming, running=True)).next_run == "Next: being computed now"


def test_b9_a_night_computed_again_changes_nothing_about_the_next() -> None:
    for again in (replace(FRESH, running=True), replace(FRESH, failed=True)):
        assert freshness(again).next_run == "Next: tomorrow at 03:00"


def test_b9_a_first_night_that_failed_is_tried_again_too() -> None:
    first = replace(FRESH, as_of=None, finished_at=None)
    assert freshness(first).next_run == "Next: tomorrow at 03:00"
    assert freshness(replace(first, failed=True)).next_run == "Next: tried again within the hour"


def test_b9_one_day_behind_is_one_day() -> None:
    assert freshness(replace(BEHIND, as_of=date(2026, 11, 19))).warning == "Health is 1 day behind."


def test_b9_nothing_computed_yet_is_not_an_alarm() -> None:
    told = freshness(replace(FRESH, as_of=None, finished_at=None))
    assert told.line == "Not computed yet"
    assert not told.stale


def test_a4_under_all_marketplaces_each_is_named() -> None:
    assert freshness(replace(FRESH, marketplace="Canada")).line == "Canada: Recomputed today at 03:12"
    assert freshness(replace(BEHIND, marketplace="Canada")).warning == "Health for Canada is 2 days behind."


def test_a4_freshness_comes_in_french() -> None:
    with override("fr"):
        told = freshness(BEHIND)
    assert plain(told.line) == "Recalculé le 19 nov. 2026 à 03:12"
    assert told.warning == "La santé CX a 2 jours de retard."
