"""Lists in the dbt project that dbt cannot derive by itself are complete."""

from __future__ import annotations

import csv
import re

from o2o.pipeline.project import PROJECT_DIR


def test_contracts_are_looked_after_on_every_engine() -> None:
    """Plain tables of Spark take a null where a contract says not_null."""
    text = (PROJECT_DIR / "tests" / "assert_contracts_hold.sql").read_text()
    listed = re.findall(r"'(\w+)'", text[text.index("set models = [") : text.index("] %}")])
    models = PROJECT_DIR / "models"
    promised = [*(models / "marts").rglob("*.sql"), *(models / "conformed").rglob("*.sql")]
    assert sorted(listed) == sorted(file.stem for file in promised)


def test_every_kind_of_click_id_is_read_and_said() -> None:
    """The pattern that reads addresses is made before the seed can be asked."""
    text = (PROJECT_DIR / "macros" / "traffic.sql").read_text()
    start = text.index("macro click_id_kinds")
    read = re.findall(r"'(\w+)'", text[start : text.index("endmacro", start)])
    with (PROJECT_DIR / "seeds" / "click_ids.csv").open() as file:
        assert sorted(read) == sorted(row["click_id_kind"] for row in csv.DictReader(file))


def test_no_word_of_a_seed_is_left_empty() -> None:
    """On Spark an empty cell of a column of texts comes as the word None."""
    for file in (PROJECT_DIR / "seeds").glob("*.csv"):
        with file.open(encoding="utf-8") as lines:
            for name, *cells in zip(*csv.reader(lines), strict=True):
                if "" in cells:
                    assert all(cell.lstrip("-").isdigit() for cell in cells if cell), (file, name)
