"""The score of surveys and forecasts against answers and days that are few enough to count."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from demo.experience_score import net_promoter, score_experience
from demo.figures import wilson
from demo.served import ScoreError

CLOCK = datetime(2026, 3, 10, tzinfo=UTC)
WORLD = """
CREATE TABLE surveys AS FROM (VALUES (1, 'Order', 'nps'), (2, 'Other', 'nps'))
    AS t (survey_no, name, kind);
-- The last was asked when the clock had stopped.
CREATE TABLE survey_invitations AS
SELECT n AS invitation_no, if(n = 9, 2, 1) AS survey_no,
    if(n = 8, TIMESTAMP '2026-03-11', TIMESTAMP '2026-03-01') AS sent_at
FROM range(1, 10) AS r (n);
CREATE TABLE survey_answers AS FROM (VALUES
    (1, 10, TIMESTAMP '2026-03-02'), (2, 0, TIMESTAMP '2026-03-02'),
    (3, 9, TIMESTAMP '2026-03-02'), (4, NULL, TIMESTAMP '2026-03-02'),
    (5, 9, TIMESTAMP '2026-03-12')
) AS t (invitation_no, score, submitted_at);
ALTER TABLE survey_answers ADD COLUMN started_at TIMESTAMP;
CREATE TABLE shops AS SELECT 1 AS shop_no, 'S001' AS store_code, 'Europe/Berlin' AS time_zone;
-- 12 people on each day of Berlin, the staff's one included; the last day is not whole.
CREATE TABLE door_counts AS
SELECT 1 AS shop_no, h AS interval_start, h + INTERVAL 12 HOURS AS interval_end, 6 AS in_count
FROM range(TIMESTAMP '2026-03-08 23:00', TIMESTAMP '2026-03-14 11:00', INTERVAL 12 HOURS) AS r (h);
"""
TRUTH = """
CREATE TABLE satisfaction AS FROM (VALUES
    (1, 10), (2, 0), (3, 9), (4, 3), (5, 9), (6, 7), (7, 2), (8, 10), (9, 10)
) AS t (invitation_no, score);
"""
MARTS = """
CREATE SCHEMA marts;
CREATE TABLE marts.fct_surveys AS SELECT 'e' AS survey_entry_id, 'Order' AS survey_name;
CREATE TABLE marts.fct_survey_answers AS FROM (VALUES
    ('e', 'nps', 'promoter', NULL::BOOLEAN), ('e', 'nps', 'detractor', NULL),
    ('e', 'nps', 'promoter', NULL)
) AS t (survey_entry_id, question_kind, nps_group, is_satisfied);
CREATE TABLE marts.fct_store_footfall AS
SELECT 'S001' AS store_id, DATE '2026-03-09' AS footfall_date, 1 AS staff_entry_count;
CREATE TABLE marts.rpt_store_demand_forecast AS
SELECT 'S001' AS store_id, 'footfall' AS measure, DATE '2026-03-09' AS trained_until,
    d AS forecast_date, true AS is_open, 10.0 AS expected,
    9.0 AS expected_low_80, 10.0 AS expected_high_80,
    if(d = '2026-03-12', 11.5, 8.0) AS expected_low_95, 12.0 AS expected_high_95
FROM (VALUES (DATE '2026-03-10'), ('2026-03-11'), ('2026-03-12'), ('2026-03-14')) AS t (d);
"""


def make(folder: Path, *, marts: str = MARTS) -> tuple[Path, Path, Path]:
    files = folder / "world.duckdb", folder / "truth.duckdb", folder / "warehouse.duckdb"
    for file, statements in zip(files, (WORLD, TRUTH, marts), strict=True):
        with duckdb.connect(str(file)) as connection:
            connection.execute(statements)
    return files


def test_answers_are_those_that_were_told_and_all_are_those_that_were_asked(tmp_path: Path) -> None:
    found = score_experience(*make(tmp_path), CLOCK)
    assert found
    (nps,) = found.surveys
    # Told are 10, 0 and 9; asked, too, 3, 9, 7 and 2.
    assert (nps.answers, nps.answered) == (3, pytest.approx(100 / 3))
    assert nps.asked == pytest.approx(0)
    assert nps.published == pytest.approx(100 / 3)
    assert nps.is_held


def test_days_are_those_that_nobody_had_seen(tmp_path: Path) -> None:
    """The 10th may have been seen in part, the 14th is not whole: the 11th and the 12th are left,
    with 11 people each."""
    found = score_experience(*make(tmp_path), CLOCK)
    assert found
    assert found.forecast
    ahead = found.forecast
    assert (ahead.days, ahead.came, ahead.expected) == (2, 22, 20)
    assert ahead.wape == pytest.approx(2 / 22)
    assert (ahead.inside_80, ahead.inside_95) == (0, 0.5)


def test_a_warehouse_without_such_marts_has_no_score(tmp_path: Path) -> None:
    files = make(tmp_path, marts="CREATE SCHEMA marts")
    assert score_experience(*files, CLOCK) is None
    with pytest.raises(ScoreError, match="no file"):
        score_experience(files[0], files[1], tmp_path / "none", CLOCK)


def test_intervals_are_those_of_the_marts() -> None:
    """The figures of the unit test of rpt_nps; of Wilson's interval the textbook's: 81 of 263."""
    assert [round(100 * end, 4) for end in net_promoter(7, 1, 10)] == [60, 7.0394, 85.2683]
    assert [round(end, 4) for end in wilson(81, 263)] == [0.308, 0.2553, 0.3662]
