"""manage.py import_data and create_marketplace: what other programs rely on (PRODUCT F3)."""

import gzip
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from feedback.models import FeedbackEvent
from health.models import OfferHealth
from offers.importers import reports
from offers.models import ImportFile, ImportProblem, Marketplace, Offer, OrderLine, Seller
from tests.factories import MarketplaceFactory
from tests.importing import as_csv, event, offer, order
from tests.offers.import_command import Command, rows_of

pytestmark = pytest.mark.django_db
LINE = re.compile(r"(\S+): (\d+) read, (\d+) added, (\d+) changed, (\d+) unchanged, (\d+) bad")


@pytest.fixture
def command(tmp_path: Path) -> Command:
    MarketplaceFactory()
    return Command(tmp_path)


@pytest.fixture
def files(command: Command) -> list[Path]:
    """Feedback first: the order of the files doesn't matter."""
    return [
        command.write("feedback.csv", [event(reason="DEFECTIVE")]),
        command.write("orders.tsv", as_csv([order(), order("O2")], "\t")),
        command.write("offers.csv.gz", gzip.compress(as_csv([offer(), offer("A2")]).encode())),
    ]


def test_one_line_per_file_in_the_order_given_and_nothing_else_on_standard_output(
    command: Command, files: list[Path]
) -> None:
    assert command(*files) == 0
    assert command.out.splitlines() == [
        "feedback.csv: 1 read, 1 added, 0 changed, 0 unchanged, 0 bad",
        "orders.tsv: 2 read, 2 added, 0 changed, 0 unchanged, 0 bad",
        "offers.csv.gz: 2 read, 2 added, 0 changed, 0 unchanged, 0 bad",
    ]
    assert "added" not in command.err
    assert FeedbackEvent.objects.get().order_line is not None


def test_the_same_files_again_bring_nothing_and_change_nothing(command: Command, files: list[Path]) -> None:
    command(*files)
    assert command(*reversed(files)) == 0
    assert [tuple(map(int, found[1:])) for found in LINE.findall(command.out)] == [
        (2, 0, 0, 2, 0),
        (2, 0, 0, 2, 0),
        (1, 0, 0, 1, 0),
    ]


def test_bad_rows_do_not_stop_a_file_and_are_shown(command: Command) -> None:
    rows = [offer(f"A{number}", quantity="-1" if number % 2 else "1") for number in range(30)]
    assert command(command.write("offers.csv", rows)) == 0
    assert "offers.csv: 30 read, 15 added, 0 changed, 0 unchanged, 15 bad" in command.out
    assert "offers.csv, line 3: quantity is '-1': give a whole number from 0." in command.err
    assert "and 5 more bad rows" in command.err
    assert "--errors FILE" in command.err


def test_a_file_that_cannot_be_read_ends_in_1_and_the_others_go_in(
    command: Command, files: list[Path]
) -> None:
    broken = command.write("broken.csv", "id,date\n1,2\n")
    assert command(broken, *files, command.folder / "absent.csv") == 1
    assert "broken.csv: could not be read. Its header is of no kind" in command.err
    assert "absent.csv: could not be read. There is no such file" in command.err
    assert Offer.objects.count() == 2
    states = dict(ImportFile.objects.values_list("name", "state"))
    assert (states["broken.csv"], states["offers.csv.gz"]) == ("failed", "done")


def test_a_file_that_breaks_off_leaves_nothing_of_itself(command: Command, files: list[Path]) -> None:
    packed = gzip.compress(as_csv([offer(f"B{number}") for number in range(3000)]).encode())
    assert command(command.write("cut.csv.gz", packed[:-20]), *files) == 1
    assert not Offer.objects.filter(sku__startswith="B").exists()
    assert Offer.objects.count() == 2


def test_strict_imports_nothing_of_any_file_when_a_row_is_bad_and_ends_in_3(command: Command) -> None:
    good, bad = (
        command.write("o.csv", [offer()]),
        command.write("r.csv", [order(), order("O2", quantity="-1")]),
    )
    assert command(good, bad, strict=True) == 3
    assert not Offer.objects.exists()
    assert not OrderLine.objects.exists()
    assert not Seller.objects.exists()
    assert [tuple(map(int, found[1:])) for found in LINE.findall(command.out)] == [
        (1, 0, 0, 0, 0),
        (2, 0, 0, 0, 1),
    ]
    assert "Nothing was imported" in command.err
    assert set(ImportFile.objects.values_list("state", "bad")) == {("refused", 0), ("refused", 1)}
    assert ImportProblem.objects.get().column == "quantity"


def test_strict_imports_everything_when_all_is_well(command: Command, files: list[Path]) -> None:
    assert command(*files, strict=True) == 0
    assert FeedbackEvent.objects.exists()


def test_strict_imports_nothing_when_a_file_cannot_be_read_and_ends_in_1(
    command: Command, files: list[Path]
) -> None:
    assert command(*files, command.folder / "absent.csv", strict=True) == 1
    assert not Offer.objects.exists()
    assert "Nothing was imported" in command.err


def test_an_unknown_marketplace_is_wrong_use_and_says_how_to_make_it(
    command: Command, files: list[Path]
) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("import_data", *files, marketplace="XX")
    assert refused.value.returncode == 2
    assert "create_marketplace XX" in str(refused.value)
    assert "there are: US" in str(refused.value)


def test_an_errors_file_that_cannot_be_written_is_wrong_use_before_anything_is_imported(
    command: Command, files: list[Path]
) -> None:
    with pytest.raises(CommandError, match="can't be written") as refused:
        command(*files, errors=command.folder / "no" / "such" / "folder.csv")
    assert refused.value.returncode == 2
    assert not Offer.objects.exists()


# --- What is kept of an import


def test_an_import_is_kept_with_its_counts_notes_and_bad_rows(command: Command) -> None:
    command(
        command.write(
            "offers.csv", [{**offer(), "Weight": "1"}, {**offer("A2"), "price": "x", "Weight": "2"}]
        )
    )
    kept = ImportFile.objects.get()
    assert (kept.name, kept.kind, kept.state) == ("offers.csv", "offers", "done")
    assert (kept.read, kept.added, kept.changed, kept.unchanged, kept.bad) == (2, 1, 0, 0, 1)
    assert kept.notes == ["ignored columns: Weight"]
    assert kept.finished_at is not None
    problem = kept.problems.get()
    assert (problem.line, problem.column, problem.value) == (3, "price", "x")
    assert problem.row == {
        "marketplace": "US",
        "seller": "S1",
        "sku": "A2",
        "title": "Kettle A2",
        "price": "x",
    }


def test_what_is_kept_of_bad_rows_holds_no_personal_data(command: Command) -> None:
    command(
        command.write("o.csv", [offer()]),
        command.write("r.csv", [{**order(quantity="-1", customer="Jane Roe"), "Buyer": "Jane Roe"}]),
        command.write("f.csv", [event(channel="review", comment="Mail me@example.org")]),
        command.write(
            "r2.csv", as_csv([order(customer="Jane Roe")]) + "US,S1,O2,A1,2024-01-01,Jane Roe,extra\n"
        ),
        command.write(
            "f2.csv", as_csv([event(comment="x")]) + "US,S1,E2,O1,A1,return,2024-01-01,me@example.org,extra\n"
        ),
    )
    kept = str(list(ImportProblem.objects.values()))
    assert ImportProblem.objects.count() == 4
    assert "Jane" not in kept
    assert "example.org" not in kept
    assert "hash:" in kept


def test_only_so_many_bad_rows_are_kept_and_the_errors_file_has_all(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "KEPT_PROBLEMS", 5)
    monkeypatch.setattr("vocdash.problems.KEPT_PROBLEMS", 5)
    errors = command.folder / "bad.csv"
    command(
        command.write("o.csv", [offer(f"A{number}", quantity="-1") for number in range(12)]), errors=errors
    )
    assert ImportProblem.objects.count() == 5
    assert "only the first 5 bad rows are kept here" in ImportFile.objects.get().notes
    assert [row["sku"] for row in rows_of(errors)] == [f"A{number}" for number in range(12)]
    assert list(ImportProblem.objects.order_by("line").values_list("line", flat=True)) == [2, 3, 4, 5, 6]


def test_an_import_that_fails_is_not_left_running(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_marketplace: Marketplace) -> None:
        raise RuntimeError("out of luck")

    monkeypatch.setattr("health.actions.sync_offers", fail)
    with pytest.raises(RuntimeError, match="out of luck"):
        command(command.write("o.csv", [offer()]))
    assert not Offer.objects.exists()
    assert ImportFile.objects.get().state == "failed"
    assert "out of luck" in ImportFile.objects.get().error


def test_imported_offers_are_on_the_dashboard_at_once(command: Command, files: list[Path]) -> None:
    command(*files)
    assert OfferHealth.objects.count() == 2
    command(command.write("d.csv", [offer(deleted_on="2024-03-01")]))
    assert OfferHealth.objects.get(offer__sku="A1").tile == 7


# --- Bad input of every kind


def nasty() -> dict[str, bytes]:
    header = b"marketplace,seller,sku,title,quantity\n"
    return {
        "empty.csv": b"",
        "header-only.csv": header,
        "wrong-header.csv": b"a,b,c\n1,2,3\n",
        "binary.csv": bytes(range(256)) * 64,
        "workbook.csv": b"PK\x03\x04" + bytes(2000),
        "one-line.csv": b"x" * (4 << 20),
        "long-line.csv": header + b"US,S1,A1,Good,1\n" + b"x" * (4 << 20) + b"\nUS,S1,A2,Good,1\n",
        "nuls.csv": header + b"US,S1,A\x003,Good\x00,1\n",
        "broken-utf8.csv": header + b"US,S1,A4,Caf\xe9,1\nUS,S1,A5,Good,1\n",
        "negative.csv": header + b"US,S1,A6,Good,-1\n",
        "duplicates.csv": header + b"US,S1,A7,First,1\nUS,S1,A7,Second,2\n",
    }


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        ("empty.csv", 1, "It is empty: the first line must name the columns."),
        ("header-only.csv", 0, "the file has a header and no rows"),
        ("wrong-header.csv", 1, "Columns found: a, b, c."),
        ("binary.csv", 1, "It is not a text file"),
        ("workbook.csv", 1, "It is an Excel workbook or a ZIP archive: save the sheet as CSV"),
        ("one-line.csv", 1, "Its first line is longer than 1 MiB"),
        ("long-line.csv", 0, "line 3: The row is longer than 1 MiB"),
        ("nuls.csv", 0, "control characters (such as NUL) removed: 2"),
        ("broken-utf8.csv", 0, "line 2: The row is not UTF-8 (byte 0xE9): save the file as UTF-8."),
        ("negative.csv", 0, "line 2: quantity is '-1': give a whole number from 0."),
        ("duplicates.csv", 0, "rows whose key comes again in a later row, which counts: 1 (line 2)"),
    ],
)
def test_bad_input_gets_a_clear_message_and_nothing_is_lost(
    command: Command, name: str, code: int, expected: str
) -> None:
    assert command(command.write(name, nasty()[name])) == code
    assert expected in command.err
    assert "Traceback" not in command.err
    lines = LINE.findall(command.out)
    for _, read, *outcomes in lines:
        assert int(read) == sum(map(int, outcomes))
    assert len(lines) == (0 if code else 1)


# --- As a program of its own, from nothing


def test_the_commands_work_in_a_fresh_checkout_and_need_no_broker(tmp_path: Path) -> None:
    """On a database without tables: the first command makes them."""
    offers, orders = tmp_path / "offers.csv", tmp_path / "orders.csv"
    offers.write_text(as_csv([offer(marketplace="BR")]))
    orders.write_text(as_csv([order(marketplace="BR", quantity="-1")]))
    environment = {"PATH": "/usr/bin:/bin", "VOCDASH_VAR": str(tmp_path / "var"), "HOME": str(tmp_path)}

    def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
        program = [sys.executable, str(Path(settings.BASE_DIR, "manage.py")), *arguments]
        return subprocess.run(program, capture_output=True, text=True, check=False, env=environment)

    options = ["--currency", "BRL", "--timezone", "America/Sao_Paulo", "--language", "pt-br"]
    assert manage("import_data", "--marketplace", "BR", str(offers)).returncode == 2
    first = manage("create_marketplace", "BR", "--name", "Brazil", *options)
    assert (first.returncode, first.stderr) == (0, "")
    unknown = manage("import_data", "--marketplace", "BR", str(offers))
    assert (unknown.returncode, unknown.stdout) == (
        0,
        "offers.csv: 1 read, 0 added, 0 changed, 0 unchanged, 1 bad\n",
    )
    done = manage("import_data", "--marketplace", "BR", "--create-sellers", str(offers))
    assert (done.returncode, done.stdout) == (
        0,
        "offers.csv: 1 read, 1 added, 0 changed, 0 unchanged, 0 bad\n",
    )
    assert manage("import_data", "--marketplace", "BR", "--strict", str(orders)).returncode == 3
    assert manage("import_data", "--marketplace", "BR", "absent.csv").returncode == 1
    assert manage("import_data", "--marketplace", "BR").returncode == 2
