"""How right the warehouse is, measured against the truth that it never saw.

Four questions: are the same records put together that belong to one person; does the credit for
revenue go where revenue was caused; are the visits found that took place, and what people did
beside buying. The published numbers themselves hold no truth: only the simulated world has one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from demo.conversion_score import ConversionScore, score_conversions
from demo.identity_score import HOUSEHOLDS, OBSERVATIONS, PERSONS, IdentityScore, score_identity
from demo.served import ScoreError, served
from demo.world.campaigns import CHANNELS

NOT_ADVERTISING = (
    "organic"  # truth: it would have happened anyway; warehouse: no paid or mail touch
)
CAUSES = (*dict.fromkeys(CHANNELS), "email", "sms")
VISIT_TOLERANCE_SECONDS = 600  # the first pings of a visit may be lost


# All that is read of a warehouse.
SCORED_TABLES = (
    OBSERVATIONS,
    PERSONS,
    HOUSEHOLDS,
    "marts.dim_campaigns",
    "marts.fct_attribution",
    "marts.fct_orders",
    "marts.fct_sales_entries",
    "marts.fct_store_visits",
    "marts.rpt_calibrated_attribution",
)


@dataclass(frozen=True)
class AttributionScore:
    """One attribution model. Errors are total variation distances: 0 is right, 1 is all wrong.

    ``credited``, ``calibrated`` (by experiments; empty without any) and ``caused`` are shares of
    net revenue by channel, each summing to 1.
    """

    model: str
    conversions: int
    channel_error: float
    campaign_error: float
    credited: dict[str, float]
    caused: dict[str, float]
    calibrated: dict[str, float]

    @property
    def calibrated_error(self) -> float | None:
        return distance(self.calibrated, self.caused) if self.calibrated else None

    @property
    def mix_error(self) -> float:
        """The distance within advertising alone: which channel did it, whatever they all did."""
        return distance(_advertising(self.credited), _advertising(self.caused))


@dataclass(frozen=True)
class VisitScore:
    """Visits of customers whose phone a beacon heard; staff and passers-by are none of them."""

    true_visits: int
    found_visits: int
    matched: int

    @property
    def precision(self) -> float:
        return self.matched / self.found_visits if self.found_visits else 0.0

    @property
    def recall(self) -> float:
        return self.matched / self.true_visits if self.true_visits else 0.0


@dataclass(frozen=True)
class Score:
    identity: IdentityScore
    attribution: list[AttributionScore]
    visits: VisitScore
    conversions: list[ConversionScore]


def score(truth: Path, warehouse: Path, clock: datetime | None = None) -> Score:
    """Compare a warehouse file with the truth of the world it was fed from, up to ``clock``.

    Only what the warehouse can know counts: records it has landed, orders it has, visits until its
    last one. Raises ScoreError when a file or a table is missing, or another process writes to it.
    """
    with both(truth, warehouse) as connection:
        return Score(
            score_identity(connection),
            score_attribution(connection),
            score_visits(connection),
            score_conversions(connection, clock),
        )


@contextmanager
def both(truth: Path, warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Both files, attached as ``truth`` and ``warehouse``; raises ScoreError as ``score`` does."""
    with duckdb.connect() as connection:
        for name, file in (("truth", truth), ("warehouse", warehouse)):
            if not file.exists():
                raise ScoreError(f"no {name} file at {file}")
            quoted = str(file).replace("'", "''")
            try:
                connection.execute(f"ATTACH '{quoted}' AS {name} (READ_ONLY)")
            except duckdb.Error as error:
                raise ScoreError(f"cannot open the {name} file {file}: {error}") from error
        try:
            yield connection
        except duckdb.CatalogException as error:
            raise ScoreError(f"{warehouse} or {truth} is not fully built: {error}") from error


# --- Attribution ----------------------------------------------------------------------------------


def score_attribution(connection: duckdb.DuckDBPyConnection) -> list[AttributionScore]:
    """Every model's credit for orders, against what caused these very orders.

    Both sides weigh an order by its net value in the warehouse, so that they differ in cause only.
    """
    known = ", ".join(f"'{cause}'" for cause in CAUSES)
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE credit AS
        SELECT
            credit.attribution_model,
            credit.conversion_id,
            credit.credit_reporting_minor AS minor,
            CASE WHEN credit.channel IN ({known}) THEN credit.channel ELSE '{NOT_ADVERTISING}' END
                AS credited_channel,
            coalesce(campaigns.platform_campaign_id, credited_channel) AS credited_campaign,
            cause.cause_channel AS true_channel,
            coalesce(cause.cause_campaign_no::VARCHAR, cause.cause_channel) AS true_campaign
        FROM warehouse.marts.fct_attribution AS credit
        INNER JOIN warehouse.marts.fct_orders AS orders ON credit.conversion_id = orders.order_id
        LEFT JOIN warehouse.marts.dim_campaigns AS campaigns
            ON credit.campaign_id = campaigns.campaign_id
        INNER JOIN {served("truth.conversions", "kind")} AS cause
            ON orders.source_system = cause.source_system
            AND orders.source_order_id = cause.record_id AND cause.record_kind = 'order'
        """  # noqa: S608 – constants of this module
    )
    models = connection.execute(
        """
        SELECT attribution_model, count(DISTINCT conversion_id)
        FROM credit GROUP BY attribution_model ORDER BY attribution_model
        """
    ).fetchall()
    calibrated = _calibrated(connection)
    scores = []
    for model, conversions in models:
        credited, caused = (
            _shares(connection, model, side) for side in ("credited_channel", "true_channel")
        )
        by_campaign = (
            _shares(connection, model, side) for side in ("credited_campaign", "true_campaign")
        )
        scores.append(
            AttributionScore(
                model=model,
                conversions=conversions,
                channel_error=distance(credited, caused),
                campaign_error=distance(*by_campaign),
                credited=credited,
                caused=caused,
                calibrated=calibrated.get(model, {}),
            )
        )
    return scores


def _calibrated(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, float]]:
    """By model: shares of net revenue by channel, after experiments. Empty without any."""
    known = ", ".join(f"'{cause}'" for cause in CAUSES)
    rows = connection.execute(
        f"""
        SELECT attribution_model,
            CASE WHEN channel IN ({known}) THEN channel ELSE '{NOT_ADVERTISING}' END AS cause,
            sum(calibrated_credit_reporting_minor)
        FROM warehouse.marts.rpt_calibrated_attribution
        WHERE conversion_type IN ('web_order', 'till_order')
            AND EXISTS (FROM warehouse.marts.rpt_calibrated_attribution WHERE is_calibrated)
        GROUP BY ALL ORDER BY ALL
        """  # noqa: S608 – constants of this module
    ).fetchall()
    found: dict[str, dict[str, float]] = {}
    for model, cause, minor in rows:
        found.setdefault(model, {})[cause] = minor
    for shares in found.values():
        total = sum(shares.values())
        shares.update({name: minor / total for name, minor in shares.items()})
    return found


def _shares(connection: duckdb.DuckDBPyConnection, model: str, column: str) -> dict[str, float]:
    rows = connection.execute(
        f"""
        SELECT {column}, sum(minor) FROM credit WHERE attribution_model = ? GROUP BY 1 ORDER BY 1
        """,  # noqa: S608 – column names of this module
        [model],
    ).fetchall()
    total = sum(minor for _, minor in rows)
    return {name: minor / total for name, minor in rows} if total else {}


def distance(left: dict[str, float], right: dict[str, float]) -> float:
    """Total variation distance of two distributions: the share that sits in the wrong place."""
    return sum(abs(left.get(name, 0) - right.get(name, 0)) for name in {*left, *right}) / 2


def as_causes(shares: dict[str, float]) -> dict[str, float]:
    """Shares by channel as shares by what the truth takes for a cause."""
    found: dict[str, float] = {}
    for channel, share in shares.items():
        cause = channel if channel in CAUSES else NOT_ADVERTISING
        found[cause] = found.get(cause, 0.0) + share
    return found


def _advertising(shares: dict[str, float]) -> dict[str, float]:
    paid = {name: share for name, share in shares.items() if name != NOT_ADVERTISING}
    total = sum(paid.values())
    return {name: share / total for name, share in paid.items()} if total else {}


# --- Visits ---------------------------------------------------------------------------------------


def score_visits(connection: duckdb.DuckDBPyConnection) -> VisitScore:
    """Match visits of the same store one to one: each the other's nearest, within ten minutes.

    Devices are not compared: the warehouse keeps only their keyed hashes.
    """
    row = connection.execute(
        f"""
        WITH found AS (
            SELECT visit_id, store_id, arrived_at FROM warehouse.marts.fct_store_visits
        ),
        true_visits AS (
            SELECT visit_id, printf('S%03d', shop_no) AS store_id, arrived_at
            FROM truth.visits
            WHERE
                device_id IS NOT NULL AND NOT is_staff AND NOT is_pass_by
                AND left_at <= (SELECT max(left_at) FROM warehouse.marts.fct_store_visits)
        ),
        near AS (
            SELECT
                found.visit_id AS found_id,
                true_visits.visit_id AS true_id,
                abs(epoch(found.arrived_at) - epoch(true_visits.arrived_at)) AS gap
            FROM found
            INNER JOIN true_visits
                ON found.store_id = true_visits.store_id
                AND abs(epoch(found.arrived_at) - epoch(true_visits.arrived_at))
                <= {VISIT_TOLERANCE_SECONDS}
        ),
        ranked AS (
            SELECT
                row_number() OVER (PARTITION BY found_id ORDER BY gap, true_id) AS of_found,
                row_number() OVER (PARTITION BY true_id ORDER BY gap, found_id) AS of_true
            FROM near
        )
        SELECT
            (SELECT count(*) FROM true_visits),
            (SELECT count(*) FROM found),
            (SELECT count(*) FROM ranked WHERE of_found = 1 AND of_true = 1)
        """  # noqa: S608 – a constant of this module
    ).fetchone()
    assert row is not None  # an aggregate always answers
    return VisitScore(*row)
