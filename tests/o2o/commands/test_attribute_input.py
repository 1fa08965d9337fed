"""What ``o2o attribute`` says of tables that people have, and takes of them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import Result
from typer.testing import CliRunner

from o2o.cli import app
from o2o.commands import attribute_input

TOUCHES = """touchpoint_id,customer_id,touched_at,channel
t1,p1,2026-03-01 10:00:00,search
t2,p1,2026-03-01 11:00:00,email
"""
SALES = "conversion_id,customer_id,converted_at"
SALE = f"{SALES},value\nc1,p1,2026-03-02 10:00:00,10.50\n"
NUMBER = "is not a valid number: write 1234.50, with a point"


def put(file: Path, content: str | bytes | pa.Table) -> Path:
    if isinstance(content, pa.Table):
        file = file.with_suffix(".parquet")
        pq.write_table(content, file)
    else:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def run(
    folder: Path, touches: str | bytes | pa.Table, sales: str | pa.Table, *more: object
) -> Result:
    files = put(folder / "touches.csv", touches), put(folder / "sales.csv", sales)
    arguments = ["--touchpoints", files[0], "--conversions", files[1], *more]
    return CliRunner().invoke(app, ["attribute", *map(str, arguments)])


def refused(result: Result) -> str:
    """What the error says; there is no traceback."""
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    return " ".join(result.stderr.split())


def credit(folder: Path, touches: str | bytes | pa.Table, sales: str | pa.Table) -> list[int]:
    """Minor units that linear credit gives each touch."""
    out = folder / "credit.parquet"
    result = run(folder, touches, sales, "--models", "linear", "--out", out)
    assert result.exit_code == 0, result.output
    told: list[int] = pq.read_table(out).sort_by("touchpoint_id")["credit_minor"].to_pylist()
    return told


def sale(**columns: object) -> pa.Table:
    row = {"conversion_id": "c1", "customer_id": "p1", "converted_at": "2026-03-02"} | columns
    return pa.table({name: v if isinstance(v, pa.Array) else [v] for name, v in row.items()})


def touch(**columns: object) -> pa.Table:
    row = {"touchpoint_id": "t1", "customer_id": "p1", "touched_at": "2026-03-01", "channel": "a"}
    return pa.table(
        {name: v if isinstance(v, pa.Array) else [v] for name, v in (row | columns).items()}
    )


@pytest.mark.parametrize(
    ("touches", "words"),
    [
        ("", "touches.csv is empty: a table of touchpoints has a line of column names"),
        (TOUCHES.splitlines()[0] + "\n", "touches.csv: the touchpoints have no rows"),
        (TOUCHES.encode("utf-16"), "touches.csv is in UTF-16: save it as UTF-8"),
        (TOUCHES.replace("email", "Überall").encode("latin-1"), "line 3 is not in UTF-8"),
        (TOUCHES.replace("channel", "Kanäle").encode("latin-1"), "line 1 is not in UTF-8"),
        (TOUCHES + "t3,p1,2026-03-01\n", "touches.csv, line 4 has 3 values, and the header"),
        (TOUCHES + "t3,p1,2026-03-01,a,b\n", "line 4 has 5 values, and the header names 4 columns"),
        (TOUCHES + 't3,p1,2026-03-01,"a\nt4,p1,2026-03-01,b\n', "line 4 or after: unexpected end"),
        (TOUCHES + 't3,p1,2026-03-01,"a"b\n', "line 4 or after: ',' expected after"),
        (TOUCHES + 't3,p1,2026-03-01,"a\nb"\nt4,p1,soon,b\n', "line 6: touched_at 'soon' is not a"),
        (TOUCHES + "\n\nt3,p1,soon,b\n", "line 6: touched_at 'soon' is not a valid time"),
        (TOUCHES + "t3,p1,31/03/2026 10:00,b\n", "touched_at '31/03/2026 10:00' is not a valid"),
        (TOUCHES + "t3,p1,1772000000,b\n", "touched_at '1772000000' is not a valid time"),
        (TOUCHES + "t3,p1,infinity,b\n", "touched_at 'infinity' is not a valid time"),
        (TOUCHES + "t3,p1,,b\n", "line 4: touched_at is empty"),
        (TOUCHES + "t3,p1,2026-03-01,  \n", "line 4: channel is empty"),
        (TOUCHES + "t1,p2,2026-03-01,b\n", "line 4: the touchpoints have more than one row of the"
         " touchpoint_id t1: each needs one of its own (the first is line 2)"),
        (TOUCHES.replace("customer_id", "channel"), "line 1: there are two columns channel"),
        (TOUCHES.replace("customer_id", "user"), "no column customer_id. They need touchpoint_id,"
         " customer_id, touched_at, channel; found touchpoint_id, user, touched_at, channel"),
        (touch(touched_at=1_772_000_000), "row 1: touched_at holds BIGINT, and not times"),
        (touch(touched_at=pa.array([None], pa.timestamp("s"))), "row 1: touched_at is empty"),
        (touch(has_analytics_consent="maybe"), "has_analytics_consent 'maybe' is not a valid bool"),
    ],
)  # fmt: skip
def test_wrong_touchpoints_are_refused_with_their_place(
    tmp_path: Path, touches: str | bytes | pa.Table, words: str
) -> None:
    assert words in refused(run(tmp_path, touches, SALE))


@pytest.mark.parametrize(
    ("sales", "words"),
    [
        (SALES + "\n", "sales.csv: the conversions have no rows"),
        (f"{SALES},value\nc1,p1,2026-03-02,NaN\n", f"line 2: value 'NaN' {NUMBER}"),
        (f"{SALES},value\nc1,p1,2026-03-02,inf\n", f"line 2: value 'inf' {NUMBER}"),
        (f"{SALES},value\nc1,p1,2026-03-02,€10\n", f"line 2: value '€10' {NUMBER}"),
        (f'{SALES},value\nc1,p1,2026-03-02,"1,234.50"\n', f"value '1,234.50' {NUMBER}"),
        (f"{SALES},value\nc1,p1,2026-03-02,1e30\n", f"value '1e30' {NUMBER}"),
        (f"{SALES},value\nc1,p1,2026-03-02,99999999999999999\n", "99.00000000 is too large"),
        (f"{SALES},value_minor\nc1,p1,2026-03-02,10.5\n", "value_minor '10.5' is not a valid"),
        (f"{SALES},value_minor\nc1,p1,2026-03-02,9e18\nc2,p1,2026-03-02,9e18\n", "is too large"),
        (f"{SALES},value,value_minor\nc1,p1,2026-03-02,1,1\n", "both value and value_minor"),
        (f"{SALES},value,currency_code\nc1,p1,2026-03-02,1,eur\n", "line 2: the conversions have"
         " the currency 'eur', which is not in seeds/currencies.csv (AED, AFN"),
        (sale(value=float("nan")), f"sales.parquet, row 1: value 'nan' {NUMBER}"),
        (sale(value=float("-inf")), f"row 1: value '-inf' {NUMBER}"),
        (sale(value_minor=float("nan")), "row 1: value_minor 'nan' is not a valid whole number"),
        (sale(value=[1.0]), "row 1: value '[1.0]' is not a valid number"),
    ],
)  # fmt: skip
def test_wrong_conversions_are_refused_with_their_place(
    tmp_path: Path, sales: str | pa.Table, words: str
) -> None:
    assert words in refused(run(tmp_path, TOUCHES, sales))


@pytest.mark.parametrize(
    ("touches", "sales", "minor"),
    [
        (TOUCHES, SALE, [525, 525]),
        (TOUCHES.replace(",", ";"), SALE.replace(",", "\t"), [525, 525]),
        (b"\xef\xbb\xbf" + TOUCHES.replace("\n", "\r\n").encode(), SALE.rstrip("\n"), [525, 525]),
        ('"' + TOUCHES.rstrip().replace(",", '","').replace("\n", '"\n"') + '"', SALE, [525, 525]),
        (TOUCHES.replace("channel", " Channel "), SALE, [525, 525]),
        (TOUCHES, f"{SALES}\nc1,p1,2026-03-02\n", [0, 0]),
        (TOUCHES, f"{SALES},value,currency_code\nc1,p1,2026-03-02,31500000.50,AED\n",
         [1_575_000_025, 1_575_000_025]),
        (TOUCHES, f"{SALES},value,currency_code\nc1,p1,2026-03-02,9000000000000.4,KRW\n",
         [4_500_000_000_000, 4_500_000_000_000]),
        (TOUCHES, f"{SALES},value\nc1,p1,2026-03-02,-0.01\n", [-1, 0]),
        (TOUCHES, f"{SALES},value_minor\nc1,p1,2026-03-02,10.0\n", [5, 5]),
        (TOUCHES, f"{SALES},value_minor\nc1,p1,2026-03-02,9000000000000000001\n",
         [4_500_000_000_000_000_001, 4_500_000_000_000_000_000]),
        (TOUCHES, f"{SALES},value_minor,currency_code\nc1,p1,2026-03-02,10,points\n", [5, 5]),
        # What tools make of keys that are whole numbers, where some are missing.
        (touch(touchpoint_id=7.0, customer_id=1.0), f"{SALES},value\nc1,1,2026-03-02,1\n", [100]),
        (touch(touchpoint_id=pa.array([7.0, 8.5]), customer_id=pa.array([1.0, float("nan")]),
               touched_at=pa.array(["2026-03-01"] * 2), channel=pa.array(["a", "b"])),
         f"{SALES},value\nc1,1,2026-03-02,1\n", [100]),
        (touch(customer_id=pa.array(["p1"]).dictionary_encode()), SALE, [1050]),
        (touch(touched_at=pa.array([1_772_000_000_000_000_001], pa.timestamp("ns", "Asia/Tokyo"))),
         SALE, [1050]),
        # Longer ago than anybody remembers, and after the sale.
        (TOUCHES + "t3,p1,0001-01-01,a\nt4,p1,9999-12-31,b\n", SALE, [525, 525]),
    ],
)  # fmt: skip
def test_tables_of_all_kinds_are_taken(
    tmp_path: Path, touches: str | bytes | pa.Table, sales: str | pa.Table, minor: list[int]
) -> None:
    assert credit(tmp_path, touches, sales) == minor


@pytest.mark.parametrize(
    ("touches", "sales", "words"),
    [
        (TOUCHES, sale(value=pa.array([None], pa.float64())), "without value, counted as 0: 1"),
        (TOUCHES, SALE.replace("p1", "1"), "No customer_id of the conversions is among those"),
        (TOUCHES.replace("10:00:00", "10:00:00+02"), SALE, "those without are read as UTC"),
        (TOUCHES + "".join(f"c{i},p1,2026-03-01,c{i}\n" for i in range(120)), SALE,
         "shapley is left out: 122 channels are too many"),
    ],
)  # fmt: skip
def test_what_may_surprise_is_said(
    tmp_path: Path, touches: str, sales: str | pa.Table, words: str
) -> None:
    result = run(tmp_path, touches, sales)
    assert result.exit_code == 0, result.output
    assert words in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--time-zone", "Mars/Base"],
            "--time-zone 'Mars/Base' is not a time zone: write one",
        ),
        (["--time-zone", "../etc"], "--time-zone '../etc' is not a time zone"),
        (["--time-zone", "Europe"], "--time-zone 'Europe' is not a time zone"),
        (["--models", "lineal"], "'lineal' is not a model: choose from first, last"),
        (["--out", "credit.xlsx"], "must end in .csv or .parquet"),
    ],
)
def test_wrong_options_are_refused(tmp_path: Path, arguments: list[str], words: str) -> None:
    assert words in refused(run(tmp_path, TOUCHES, SALE, *arguments))


@pytest.mark.parametrize(
    ("windows", "words"),
    [
        ("lookback_days\n3\n4\n", "there are two windows for * and *: keep one"),
        ("lookback_days\n-3\n", "windows.csv, line 2: lookback_days '-3' is not a valid whole"),
        (
            "touch_type,lookback_days\n\nx,1.5\n",
            "line 3: lookback_days '1.5' is not a valid whole",
        ),
        ("days\n3\n", "the windows have no column lookback_days"),
        ("touch_type,lookback_days\nclick,3\n", "No look-back window fits conversion and touch"),
    ],
)
def test_wrong_windows_are_refused(tmp_path: Path, windows: str, words: str) -> None:
    file = put(tmp_path / "windows.csv", windows)
    assert words in refused(run(tmp_path, TOUCHES, SALE, "--windows", file))


def test_types_that_have_no_window_are_refused_and_not_left_without_credit(tmp_path: Path) -> None:
    touches = "touchpoint_id,customer_id,touched_at,channel,touch_type\nt1,p1,2026-03-01,a,click\n"
    sales = f"{SALES},conversion_type\nc1,p1,2026-03-02,purchase\n"
    said = refused(run(tmp_path, touches, sales))
    assert "No look-back window fits purchase and click: give --windows" in said


def test_a_word_for_nobody_is_no_customer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attribute_input, "MOST_PAIRS", 1)
    said = refused(run(tmp_path, TOUCHES, SALE))
    assert "customer_id p1 has 2 touchpoints and 1 conversions: if it stands for people" in said


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        ("path,conversions\nA > B,NaN\n", "line 2: conversions 'NaN' is not a valid number"),
        ("path,conversions\nA > B,-1\n", "conversions '-1' is not a valid number: write 1234.5,"
         " with a point, 0 or more"),
        ("path,conversions\n\nA > > B,1\n", "line 3: path 'A > > B' has an empty channel: name it"),
        ("path,conversions\nA > B >,1\n", "line 2: path 'A > B >' has an empty channel: name it"),
        ("path,conversions\n,1\n", "line 2: path is empty"),
        ("path,conversions\nA, B,1\n", "line 2 has 3 values, and the header names 2 columns"),
        ("path,total\nA,1\n", "the paths have no column conversions. They need path, conversions"),
        ("path,conversions\n", "the paths have no rows"),
    ],
)  # fmt: skip
def test_wrong_paths_are_refused_with_their_place(tmp_path: Path, paths: str, words: str) -> None:
    file = put(tmp_path / "paths.csv", paths)
    assert words in refused(CliRunner().invoke(app, ["attribute", "--paths", str(file)]))


def test_a_file_may_be_called_anything(tmp_path: Path) -> None:
    file = put(tmp_path / "touches [1] *.csv", TOUCHES)
    sales = put(tmp_path / "sales.csv", SALE)
    command = ["attribute", "--touchpoints", str(file), "--conversions", str(sales)]
    assert CliRunner().invoke(app, command).exit_code == 0
    put(tmp_path / "x.parquet", "no parquet")
    command[2] = str(tmp_path / "x.parquet")
    assert "x.parquet cannot be read as Parquet" in refused(CliRunner().invoke(app, command))
    command[2] = str(tmp_path)
    assert "is not a file: name the file of touchpoints" in refused(
        CliRunner().invoke(app, command)
    )


def test_credit_is_printed_and_written_as_plain_numbers(tmp_path: Path) -> None:
    touches = TOUCHES + "".join(
        f"u{i},p1,2026-03-01 09:00:00,a very long name of a channel\n" for i in range(9)
    )
    out = tmp_path / "credit.csv"
    result = run(tmp_path, touches, SALE, "--out", out, "--bootstrap", "5")
    assert result.exit_code == 0, result.output
    written = out.read_text()
    assert ",0.000000000," in written
    assert "E-" not in written + result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "…" not in result.stdout.replace(" … ", " ")  # nothing is cut off
    assert {"time_decay", "shapley_inside"} <= set(result.stdout.split())


def test_nothing_is_left_of_a_result_that_failed(tmp_path: Path) -> None:
    out = tmp_path / "results" / "credit.csv"
    refused(run(tmp_path, TOUCHES, SALE.replace("10.50", "ten"), "--out", out))
    assert list(out.parent.iterdir()) == []


def test_a_fault_far_down_in_a_file_is_found_too(tmp_path: Path) -> None:
    many = "".join(f"u{i},p{i},2026-03-01 10:00:00,search\n" for i in range(700_000))
    said = refused(run(tmp_path, TOUCHES + many + "x,p1,2026-03-01\n", SALE))
    assert "touches.csv, line 700,004 has 3 values" in said
    said = refused(run(tmp_path, TOUCHES + many + "x,p1,soon,search\n", SALE))
    assert "touches.csv, line 700,004: touched_at 'soon'" in said
