"""``o2o metrics``: what a metric means, and what it comes to."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from o2o.cli import app
from o2o.dictionary.marts import catalogue as marts
from o2o.metrics.definitions import catalogue
from tests.o2o.dictionary import tables

RUN = CliRunner()


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three orders in two months: 10.00 and 20.00 on the web, 5.00 at a till, given back."""
    monkeypatch.setenv("O2O_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "published").mkdir()
    with duckdb.connect(str(tmp_path / "published" / "o2o.duckdb")) as con:
        tables.create(con, marts())
        tables.fill(con, "dim_dates", [
            {"calendar_date": date(2026, month, day)} for month in (1, 2) for day in range(1, 29)
        ])  # fmt: skip
        tables.fill(con, "fct_orders", [
            {"order_channel": channel, "order_date": day, "is_sale": True, "revenue_amount": amount}
            for channel, day, amount in (
                ("web", date(2026, 1, 31), 10), ("web", date(2026, 2, 1), 20),
                ("till", date(2026, 2, 1), 0),
            )
        ])  # fmt: skip


def test_names_all_metrics_and_says_what_one_means(shop: None) -> None:
    listed = RUN.invoke(app, ["metrics", "list"])
    assert all(metric.name in listed.output for metric in catalogue())
    shown = RUN.invoke(app, ["metrics", "show", "average_order_value"])
    assert shown.exit_code == 0, shown.output
    assert "revenue / orders" in shown.output
    assert "sales-finance" in shown.output
    assert "order__order_channel" in shown.output


def test_computes_metrics_by_month_and_where(shop: None) -> None:
    asked = ["metrics", "query", "orders", "average_order_value", "--by", "metric_time__month"]
    assert RUN.invoke(app, [*asked, "--csv"]).output.splitlines() == [
        "metric_time__month,orders,average_order_value", "2026-01-01,1,10.0", "2026-02-01,2,10.0",
    ]  # fmt: skip
    web = "{{ Dimension('order__order_channel') }} = 'web'"
    asked = ["metrics", "query", "revenue", "--where", web, "--since", "2026-02-01", "--csv"]
    assert RUN.invoke(app, asked).output.splitlines() == ["revenue", "20.00"]
    assert "select" in RUN.invoke(app, [*asked, "--sql"]).output.lower()


def test_says_what_is_possible_instead(shop: None) -> None:
    unknown = RUN.invoke(app, ["metrics", "query", "revenu"])
    assert unknown.exit_code == 1
    assert "did you mean revenue" in unknown.output
    by = RUN.invoke(app, ["metrics", "query", "revenue", "--by", "order__weather"])
    assert by.exit_code == 1
    assert "cannot be grouped by order__weather, but by" in by.output
    assert "Traceback" not in by.output


def test_says_that_nothing_is_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("O2O_HOME", str(tmp_path))
    nothing = RUN.invoke(app, ["metrics", "query", "revenue"])
    assert nothing.exit_code == 1
    assert "Nothing is published" in nothing.output
