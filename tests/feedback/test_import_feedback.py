"""The feedback file, sentence by sentence of the import format (PRODUCT C4, C5, E3, F3)."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from feedback.importers.events import KIND
from feedback.models import FeedbackEvent
from offers.importers import driver, reading
from tests.importing import Importing, counts, event, offer, only_problem, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def importing(tmp_path: Path) -> Importing:
    """Seller S1 has A1, A2 and A3; order O1 has A1, order O2 has A1 and A2."""
    importing = Importing(tmp_path)
    importing.rows(offer("A1"), offer("A2"), offer("A3"))
    importing.rows(order("O1"), order("O2"), order("O2", "A2"))
    return importing


def only_event() -> FeedbackEvent:
    return FeedbackEvent.objects.get()


def test_every_column_is_stored(importing: Importing) -> None:
    row = event(
        channel="review",
        stars="2",
        reason="late_delivery",
        comment=" Came late. ",
        occurred_at="2024-03-15T23:30",
    )
    assert counts(importing.rows(row)) == (1, 0, 0, 0)
    made = only_event()
    assert (made.marketplace.code, made.seller.code, made.channel, made.event_id) == (
        "US",
        "S1",
        "review",
        "E1",
    )
    assert (made.order_ref, made.sku, made.raw_reason, made.source) == ("O1", "A1", "late_delivery", "own")
    assert (made.stars, made.comment) == (2, "Came late.")
    assert (made.occurred_on, made.occurred_at) == (
        date(2024, 3, 15),
        datetime(2024, 3, 16, 3, 30, tzinfo=UTC),
    )
    assert made.order_line is not None
    assert (made.order_line.order_ref, made.offer) == ("O1", made.order_line.offer)


def test_the_raw_reason_is_kept_as_given(importing: Importing) -> None:
    importing.rows(event(reason="CR-Switcheroo "))
    assert (only_event().raw_reason, only_event().reason) == ("CR-Switcheroo", "wrong_item")


def test_the_same_file_twice_changes_nothing(importing: Importing) -> None:
    rows = [
        event(comment="It leaks, call 416-555-0199"),
        event("", reason="DEFECTIVE", occurred_at="2024-03-15T10:00:00-03:00"),
        event("E3", channel="review", stars="5"),
        event("E4", order_id="O9"),
    ]
    assert counts(importing.rows(*rows)) == (4, 0, 0, 0)
    before = list(FeedbackEvent.objects.order_by("pk").values())
    assert counts(importing.rows(*rows)) == (0, 0, 4, 0)
    assert list(FeedbackEvent.objects.order_by("pk").values()) == before


# --- Keys


def test_an_event_id_is_unique_within_its_channel(importing: Importing) -> None:
    assert counts(importing.rows(event(), event(channel="refund"), event(channel="contact"))) == (3, 0, 0, 0)
    assert FeedbackEvent.objects.count() == 3


def test_the_last_row_of_a_key_wins_wherever_the_rows_stand(
    importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHUNK_ROWS", 2)
    monkeypatch.setattr(driver, "CHUNK_ROWS", 2)
    rows = [
        event(comment="first"),
        *(event(f"X{n}") for n in range(5)),
        event(channel="Return", comment="last"),
    ]
    assert counts(importing.rows(*rows)) == (7, 0, 0, 0)
    assert FeedbackEvent.objects.get(event_id="E1").comment == "last"
    assert counts(importing.rows(*rows)) == (0, 0, 7, 0)


def test_a_newer_file_replaces_an_event(importing: Importing) -> None:
    importing.rows(event(reason="DEFECTIVE", comment="bad"))
    assert counts(importing.rows(event(reason="UNWANTED_ITEM", comment="bad"))) == (0, 1, 0, 0)
    assert (only_event().reason, only_event().counted) == ("no_longer_needed", False)


def test_an_empty_event_id_is_derived_from_what_the_row_says_but_not_from_stars_and_comment(
    importing: Importing,
) -> None:
    row = event("", channel="review", stars="1", comment="Broken")
    importing.rows(row)
    assert counts(importing.rows({**row, "stars": "2", "comment": "Broken on arrival"})) == (0, 1, 0, 0)
    assert (only_event().stars, only_event().comment) == (2, "Broken on arrival")
    for column, value in {"order_id": "O2", "sku": "A3", "reason": "x", "occurred_at": "2024-03-16"}.items():
        assert counts(importing.rows({**row, column: value})) == (1, 0, 0, 0)


def test_the_derived_id_is_made_of_the_row_as_given_before_masking(importing: Importing) -> None:
    """Two reasons that would be masked alike are two events."""
    rows = [event("", reason="mail a@example.org"), event("", reason="mail b@example.org")]
    assert counts(importing.rows(*rows)) == (2, 0, 0, 0)


def test_rows_with_equal_derived_ids_in_one_file_are_one_event_and_the_last_wins(
    importing: Importing,
) -> None:
    assert counts(importing.rows(event("", comment="one"), event("", comment="two"))) == (2, 0, 0, 0)
    assert only_event().comment == "two"


def test_a_file_without_the_optional_columns_is_read(importing: Importing) -> None:
    row = {name: value for name, value in event().items() if name in KIND.required}
    assert counts(importing.rows(row)) == (1, 0, 0, 0)
    assert only_event().order_line is not None


# --- Channels, stars, comments


@pytest.mark.parametrize(
    ("cells", "column", "advice"),
    [
        ({"marketplace": "CA"}, "marketplace", "this import is for US"),
        ({"seller": ""}, "seller", "give the seller's code"),
        ({"order_id": ""}, "order_id", "give the number of the order"),
        ({"channel": ""}, "channel", "one of return, refund, contact, review"),
        ({"channel": "gossip"}, "channel", "one of return, refund, contact, review"),
        ({"occurred_at": ""}, "occurred_at", "give the date of the feedback"),
        ({"occurred_at": "15/03/2024"}, "occurred_at", "a date such as"),
        ({"occurred_at": "2099-01-01"}, "occurred_at", "1995-01-01 to tomorrow"),
        ({"channel": "review", "stars": ""}, "stars", "a review needs stars from 1 to 5"),
        ({"channel": "review", "stars": "0"}, "stars", "whole number from 1 to 5"),
        ({"channel": "review", "stars": "6"}, "stars", "whole number from 1 to 5"),
        ({"channel": "review", "stars": "good"}, "stars", "whole number from 1 to 5"),
        ({"channel": "review", "stars": "4.5"}, "stars", "whole number from 1 to 5"),
        ({"event_id": "x" * 201}, "event_id", "shorten it to 200"),
        ({"reason": "x" * 201}, "reason", "shorten it to 200"),
    ],
)
def test_a_bad_value_is_reported_with_line_column_value_and_what_to_do(
    importing: Importing, cells: dict[str, str], column: str, advice: str
) -> None:
    report = importing.rows(event("E0"), event(**cells), event("E2"))
    assert counts(report) == (2, 0, 0, 1)
    problem = only_problem(report)
    assert (problem.line, problem.column) == (3, column)
    assert advice in problem.message


@pytest.mark.parametrize("stars", ["1", "9", "many"])
def test_stars_on_another_channel_are_ignored_with_a_note(importing: Importing, stars: str) -> None:
    report = importing.rows(event(stars=stars))
    assert counts(report) == (1, 0, 0, 0)
    assert (only_event().stars, only_event().notes) == (None, ["stars_ignored"])
    assert "events with stars that are no reviews; the stars were ignored: 1 (line 2)" in report.notes


def test_a_comment_is_cut_at_ten_thousand_characters_with_a_note(importing: Importing) -> None:
    report = importing.rows(event(comment="x" * 10_001), event("E2", comment="y" * 10_000))
    assert "comments cut at 10,000 characters: 1 (line 2)" in report.notes
    assert (
        len(FeedbackEvent.objects.get(event_id="E1").comment),
        FeedbackEvent.objects.get(event_id="E1").notes,
    ) == (
        10_000,
        ["comment_cut"],
    )
    assert FeedbackEvent.objects.get(event_id="E2").notes == []


def test_e_mail_addresses_and_phone_numbers_are_masked(importing: Importing) -> None:
    importing.rows(event(comment="Write to me.too@example.org or call (416) 555-0199."))
    assert only_event().comment == "Write to [e-mail] or call [phone]."


def test_nul_bytes_and_control_characters_are_removed_and_noted(importing: Importing) -> None:
    text = "marketplace,seller,event_id,order_id,sku,channel,occurred_at,comment\n"
    text += "US,S1,E1,O1,A1,ret\x00urn,2024-03-15,It \x07is\x1b broken\x00\n"
    report = importing(importing.write("f.csv", text))[0]
    assert counts(report) == (1, 0, 0, 0)
    assert only_event().comment == "It is broken"
    assert "control characters (such as NUL) removed: 4" in report.notes


def test_an_unknown_seller_is_a_bad_row_unless_sellers_are_created(importing: Importing) -> None:
    report = importing.rows(event(seller="S9", sku=""), create_sellers=False)
    assert "no such seller" in only_problem(report).message
    assert importing.rows(event(seller="S9", sku=""), create_sellers=True).waiting == 1


def test_orders_and_feedback_of_one_import_find_each_other_in_whatever_order_they_are_given(
    importing: Importing,
) -> None:
    reports = importing(
        importing.write("f.csv", [event("E5", "O5")]), importing.write("o.csv", [order("O5")])
    )
    assert [counts(report) for report in reports] == [(1, 0, 0, 0), (1, 0, 0, 0)]
    assert only_event().order_line is not None
    assert reports[0].waiting == 0
