"""One metric, one figure: by MetricFlow, by plain SQL on the published file, and on the page."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from o2o.metrics import definitions, engine
from tests.end_to_end.installation import Installation

pytestmark = pytest.mark.e2e
WRITTEN = {each["name"]: each for _, each in definitions.of_all("metrics")}
MEASURES = {
    measure["name"]: (definitions.mart_of(model), measure)
    for _, model in definitions.of_all("semantic_models")
    for measure in model.get("measures", ())
}
PLAIN = {"sum": "sum({})", "count": "count({})", "count_distinct": "count(distinct {})",
         "average": "avg({})", "max": "max({})", "min": "min({})"}  # fmt: skip
# A world of four weeks has no months that are over, and hardly anything that is seldom.
SCARCE = {
    "churn", "store_to_online_orders", "offline_to_online_share", "stock_out_days",
    "stock_out_rate", "lost_units", "ltv_to_cac",
    *(f"{name}_{months}" for months in (1, 3)
      for name in ("cohort_customers", "retained_customers", "retention")),
}  # fmt: skip


@pytest.fixture(scope="module")
def published(sound: Installation) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(sound.published), read_only=True) as con:
        yield con


def by_hand(con: duckdb.DuckDBPyConnection, name: str) -> Any:
    """The figure of all time, as somebody would ask for it who has never heard of MetricFlow."""
    written = WRITTEN[name]
    parameters = written["type_params"]
    if written["type"] == "ratio":
        above, below = (by_hand(con, parameters[part]) for part in ("numerator", "denominator"))
        return None if above is None or not below else Decimal(above) / Decimal(below)
    if written["type"] == "derived":
        names = [each["name"] for each in parameters["metrics"]]
        values = ", ".join(f"{by_hand(con, part) or 0} as {part}" for part in names)
        return con.execute(f"select {parameters['expr']} from (select {values})").fetchone()[0]
    mart, measure = MEASURES[parameters["measure"]]
    asked = PLAIN[measure["agg"]].format(measure["expr"])
    return con.execute(f"select {asked} from marts.{mart}").fetchone()[0]


@pytest.mark.parametrize("name", WRITTEN)
def test_a_metric_is_what_plain_sql_says(published: duckdb.DuckDBPyConnection, name: str) -> None:
    ((figure,),) = engine.Metrics(published).query([name]).rows
    expected = by_hand(published, name)
    if expected is None:
        assert figure is None
    else:
        assert float(figure) == pytest.approx(float(expected), rel=1e-9)


def test_metrics_have_a_figure(published: duckdb.DuckDBPyConnection) -> None:
    """Else the comparison above would compare nothing with nothing."""
    silent = {name for name in WRITTEN if not by_hand(published, name)}
    assert silent <= SCARCE


def test_parts_of_a_metric_add_up(published: duckdb.DuckDBPyConnection) -> None:
    metrics = engine.Metrics(published)
    ((whole,),) = metrics.query(["revenue"]).rows
    by_channel = metrics.query(["revenue"], by=["order__order_channel"]).rows
    by_month = metrics.query(["revenue"], by=["metric_time__month", "store__store_name"]).rows
    assert len(by_channel) == 3
    assert sum(value for _, value in by_channel) == whole
    assert sum(value for *_, value in by_month) == whole


def test_figures_come_in_the_order_of_asking(published: duckdb.DuckDBPyConnection) -> None:
    """By itself MetricFlow puts those of one mart side by side."""
    metrics = engine.Metrics(published)
    names = ["revenue", "footfall", "orders"]
    answer = metrics.query(names, by=["metric_time__month"])
    assert answer.columns == ("metric_time__month", *names)
    ((*together,),) = metrics.query(names).rows
    assert together == [metrics.query([name]).rows[0][0] for name in names]


def test_a_name_that_there_is_not_is_told(published: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(definitions.UnknownMetric, match="did you mean revenue"):
        definitions.find("revenu")
    with pytest.raises(engine.MetricError, match="order__weather"):
        engine.Metrics(published).query(["revenue"], by=["order__weather"])
