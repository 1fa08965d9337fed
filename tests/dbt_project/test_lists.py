"""Lists in the dbt project that dbt cannot derive by itself are complete."""

from __future__ import annotations

import re

from o2o.pipeline.project import PROJECT_DIR


def test_contracts_are_looked_after_on_every_engine() -> None:
    """Plain tables of Spark take a null where a contract says not_null."""
    text = (PROJECT_DIR / "tests" / "assert_contracts_hold.sql").read_text()
    listed = re.findall(r"'(\w+)'", text[text.index("set models = [") : text.index("] %}")])
    models = PROJECT_DIR / "models"
    promised = [*(models / "marts").rglob("*.sql"), *(models / "conformed").rglob("*.sql")]
    assert sorted(listed) == sorted(file.stem for file in promised)
