"""What people said and how many will come, held against what they would say and who came.

Scores of surveys are compared with those of everybody who answered, which the published interval
should hold, and shown beside those of everybody who was asked, which no interval of answers can
hold: the unhappy and the delighted speak up. Forecasts of footfall are compared with the days of
the world that the warehouse has not seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from demo.figures import Z, wilson
from demo.served import all_three

TABLES = (
    "marts.fct_store_footfall",
    "marts.fct_survey_answers",
    "marts.fct_surveys",
    "marts.rpt_store_demand_forecast",
)


@dataclass(frozen=True)
class SurveyScore:
    """One kind of question. Scores: nps from -100 to 100, csat from 0 to 1."""

    kind: str
    answers: int
    published: float
    low: float
    high: float
    answered: float  # the truth of those who answered
    asked: float  # and of all who were asked

    @property
    def is_held(self) -> bool:
        return self.low <= self.answered <= self.high


@dataclass(frozen=True)
class ForecastScore:
    """Footfall of all shops on the days after the clock."""

    days: int  # of shops
    came: int
    expected: float
    wape: float
    inside_80: float
    inside_95: float


@dataclass(frozen=True)
class ExperienceScore:
    surveys: tuple[SurveyScore, ...]
    forecast: ForecastScore | None  # None: no day is left of the world, or nothing was forecast


def score_experience(
    world: Path, truth: Path, warehouse: Path, clock: datetime
) -> ExperienceScore | None:
    """Compare a warehouse file with the world; None where it has no such marts.

    Raises ScoreError when a file is missing, or another process writes to it.
    """
    with all_three(world, truth, warehouse, TABLES) as connection:
        if connection is None:
            return None
        said = connection.execute(_SURVEYS, {"now": clock.replace(tzinfo=None)}).fetchall()
        days = connection.execute(_DAYS).fetchall()
    return ExperienceScore(tuple(_survey(*row) for row in said if row[1]), _forecast(days))


def _survey(
    kind: str, answers: int, up: int, down: int, answered: float, asked: float
) -> SurveyScore:
    """``up``: promoters, or the content; ``down``: detractors."""
    if kind == "nps":
        published, low, high = net_promoter(up, down, answers)
        return SurveyScore(
            kind, answers, 100 * published, 100 * low, 100 * high, 100 * answered, 100 * asked
        )
    return SurveyScore(kind, answers, *wilson(up, answers), answered, asked)


def net_promoter(up: int, down: int, answers: int) -> tuple[float, float, float]:
    """The share, and its 95% interval as docs/definitions.md has it."""
    share, middle = (up - down) / answers, (up - down) / (answers + 3)
    spread = Z * math.sqrt(((up + down + 1.5) / (answers + 3) - middle**2) / (answers + 3))
    return share, max(min(middle - spread, share), -1), min(max(middle + spread, share), 1)


def _forecast(days: list[tuple[int, float, float, float, float, float]]) -> ForecastScore | None:
    came = sum(day[0] for day in days)
    if not came:
        return None
    return ForecastScore(
        len(days),
        came,
        sum(day[1] for day in days),
        sum(abs(day[0] - day[1]) for day in days) / came,
        sum(low <= n <= high for n, _, low, high, _, _ in days) / len(days),
        sum(low <= n <= high for n, _, _, _, low, high in days) / len(days),
    )


# Of the surveys that were published. What was begun and not submitted is told, too.
_SURVEYS = """
WITH published AS (
    SELECT
        question_kind AS kind, count(*) AS answers,
        count(*) FILTER (nps_group = 'promoter' OR is_satisfied) AS up,
        count(*) FILTER (nps_group = 'detractor') AS down
    FROM warehouse.marts.fct_survey_answers
    WHERE nps_group IS NOT NULL OR is_satisfied IS NOT NULL
    GROUP BY ALL
),
known AS (
    SELECT DISTINCT s.survey_name AS name, a.question_kind AS kind
    FROM warehouse.marts.fct_surveys AS s
    JOIN warehouse.marts.fct_survey_answers AS a USING (survey_entry_id)
),
asked AS (
    SELECT
        surveys.kind,
        a.score IS NOT NULL AND coalesce(a.submitted_at, a.started_at) < $now AS is_told,
        CASE
            WHEN surveys.kind = 'nps' THEN (t.score >= 9)::INT - (t.score <= 6)::INT
            ELSE (t.score >= 4)::INT
        END AS worth
    FROM truth.satisfaction AS t
    JOIN survey_invitations AS i USING (invitation_no)
    JOIN surveys USING (survey_no)
    JOIN known ON known.name = surveys.name AND known.kind = surveys.kind
    LEFT JOIN survey_answers AS a USING (invitation_no)
    WHERE i.sent_at < $now
)
SELECT
    published.kind, published.answers, published.up, published.down,
    avg(asked.worth) FILTER (is_told), avg(asked.worth)
FROM published JOIN asked USING (kind)
GROUP BY ALL
HAVING count(*) FILTER (is_told) > 0
ORDER BY kind DESC
"""

# Whole days after the newest that a forecast goes by. The staff, whom a door counts and a forecast
# does not, come as often as in the last four weeks.
_DAYS = """
WITH counted AS (
    SELECT
        s.store_code AS store_id,
        (d.interval_start AT TIME ZONE 'UTC' AT TIME ZONE s.time_zone)::DATE AS day,
        sum(d.in_count) AS in_count,
        min(d.interval_start) AS since, max(d.interval_end) AS until
    FROM door_counts AS d JOIN shops AS s USING (shop_no)
    GROUP BY ALL
),
staff AS (
    SELECT store_id, avg(staff_entry_count) AS a_day
    FROM warehouse.marts.fct_store_footfall
    WHERE footfall_date > (SELECT max(footfall_date) FROM warehouse.marts.fct_store_footfall) - 28
    GROUP BY ALL
)
SELECT
    greatest(round(c.in_count - coalesce(staff.a_day, 0)), 0)::INT, f.expected::DOUBLE,
    f.expected_low_80::DOUBLE, f.expected_high_80::DOUBLE,
    f.expected_low_95::DOUBLE, f.expected_high_95::DOUBLE
FROM warehouse.marts.rpt_store_demand_forecast AS f
JOIN counted AS c ON c.store_id = f.store_id AND c.day = f.forecast_date
LEFT JOIN staff ON staff.store_id = f.store_id
WHERE f.measure = 'footfall' AND f.is_open AND f.expected IS NOT NULL
    AND f.forecast_date > f.trained_until + 1 AND c.until - c.since >= INTERVAL 23 HOURS
"""
