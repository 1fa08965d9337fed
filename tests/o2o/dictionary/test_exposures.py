"""What is said to read the marts is what reads them."""

from __future__ import annotations

import yaml

from o2o.commands.exposures_file import text
from o2o.dictionary.marts import catalogue
from o2o.pipeline.project import PROJECT_DIR


def test_the_file_is_what_make_docs_writes() -> None:
    written = (PROJECT_DIR / "models" / "exposures.yml").read_text(encoding="utf-8")
    assert written == text(), "run `make docs`"


def test_each_exposure_reads_marts_that_there_are() -> None:
    marts = {f"ref('{mart.name}')" for mart in catalogue()}
    read = {each["name"]: {*each["depends_on"]} for each in yaml.safe_load(text())["exposures"]}
    assert {"owners_report", "metrics", "questions_of_analysts", "published_file"} <= {*read}
    assert all(names and names <= marts for names in read.values())
    assert read["published_file"] == marts
    # One of each that certainly reads it.
    assert "ref('rpt_identity_health')" in read["owners_report"]
    assert "ref('fct_campaign_daily')" in read["metrics"]
    assert "ref('rpt_paths')" in read["questions_of_analysts"]
