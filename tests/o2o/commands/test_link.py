from __future__ import annotations

from pathlib import Path

import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from o2o.cli import app

HEADER = "id,first_name,last_name,dob,zip\n"
ROWS = (
    "1,Bill,Smith,25/12/1980,02134\n2,William,Smiht,1980-12-25,02134\n"
    "3,Anna,Berg,1.2.1975,10115\n4,Otto,Klein,3.4.1966,20095\n"
)


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["link", *map(str, arguments)], env={"COLUMNS": "200"})
    return result.exit_code, result.output


def test_links_a_csv(tmp_path: Path) -> None:
    records, out = tmp_path / "in.csv", tmp_path / "out.csv"
    records.write_text(HEADER + ROWS)
    code, said = run("--records", records, "--out", out)
    assert code == 0, said
    assert "pairs linked" in said
    pairs = pyarrow.csv.read_csv(out).to_pylist()
    assert [(row["unique_id_l"], row["unique_id_r"]) for row in pairs] == [(1, 2)]
    assert "date of birth equal" in pairs[0]["explanation"]
    clusters = pyarrow.csv.read_csv(tmp_path / "out.clusters.csv").to_pylist()
    assert [row["cluster_id"] for row in clusters] == [1, 1, 3, 4]


def test_parquet_and_two_sources(tmp_path: Path) -> None:
    records, out = tmp_path / "in.csv", tmp_path / "out.parquet"
    lines = (HEADER + ROWS).splitlines()
    sources = ["source_dataset", "shop", "crm", "shop", "crm"]
    records.write_text("\n".join(f"{a},{b}" for a, b in zip(lines, sources, strict=True)))
    code, said = run("--records", records, "--out", out, "--clusters", tmp_path / "c.parquet")
    assert code == 0, said
    pairs = pq.read_table(out).to_pylist()
    assert [(row["source_dataset_l"], row["source_dataset_r"]) for row in pairs] == [
        ("crm", "shop")
    ]
    assert pq.read_table(tmp_path / "c.parquet").num_rows == 4


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (None, [], "The file does not exist"),
        ("", [], "holds no records"),
        (HEADER, [], "holds no records"),
        ("name,dob\na,b\n", [], "name the one that identifies a record"),
        (HEADER + ROWS, ["--id", "key"], "has no column key"),
        (HEADER + ROWS + ROWS, [], "belong to more than one record"),
        ("id,colour\n1,red\n2,blue\n", [], "No usable field"),
        (HEADER + ROWS, ["--mode", "guess"], "choose from dedupe, link, both"),
        (HEADER + ROWS, ["--mode", "link"], "needs two sources"),
        (HEADER + ROWS, ["--field", "zip"], "write COLUMN=FIELD"),
    ],
)
def test_says_what_to_mend(
    tmp_path: Path, text: str | None, options: list[str], message: str
) -> None:
    records = tmp_path / "in.csv"
    if text is not None:
        records.write_text(text)
    code, said = run("--records", records, "--out", tmp_path / "out.csv", *options)
    assert code == 2
    assert message in said
    assert not (tmp_path / "out.csv").exists()


def test_a_parquet_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "in.parquet").write_text("id,name")
    code, said = run("--records", tmp_path / "in.parquet", "--out", tmp_path / "out.csv")
    assert (code, "cannot be read as Parquet" in said) == (2, True)


def test_output_needs_a_known_suffix(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(HEADER + ROWS)
    code, said = run("--records", tmp_path / "in.csv", "--out", tmp_path / "out.xlsx")
    assert (code, "must end in .csv or .parquet" in said) == (2, True)
