"""The overview says what the metrics say, asks nobody for anything, and shows nothing empty."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from o2o.metrics import engine
from o2o.report import overview
from o2o.report.overview import marts
from o2o.report.overview.facts import Figure
from o2o.report.overview.figures import BY_MONTH, HEADLINES, Figures
from o2o.report.overview.periods import Period, periods
from tests.end_to_end.installation import Installation

pytestmark = pytest.mark.e2e
PUBLISHED_AT = datetime(2026, 3, 1, 4, tzinfo=UTC)
EVIL = """<script>alert(1)</script><img src=x onerror="alert('2')">"""


class Page(HTMLParser):
    """What a page is made of: its tags, the figures with their exact values, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.figures: dict[str, float] = {}
        self.words = ""
        self._is_style = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        self._is_style = tag == "style"
        if tag == "data":
            self.figures[str(given["data-metric"])] = float(str(given["value"]))

    def handle_endtag(self, tag: str) -> None:
        self._is_style = False

    def handle_data(self, data: str) -> None:
        if not self._is_style:
            self.words += data


@pytest.fixture(scope="module")
def page(sound: Installation) -> Page:
    return Page((sound.home / "reports" / "overview.html").read_text(encoding="utf-8"))


@pytest.fixture
def other(sound: Installation, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of what is published, to change."""
    copy = shutil.copy(sound.published, tmp_path / "o2o.duckdb")
    Path(copy).chmod(0o644)
    with duckdb.connect(str(copy)) as con:
        yield con


def drawn(con: duckdb.DuckDBPyConnection) -> Page:
    return Page(overview.page(con, "EUR", PUBLISHED_AT.isoformat()))


def test_its_figures_are_those_of_the_metrics(sound: Installation, page: Page) -> None:
    assert page.figures.keys() >= {*HEADLINES, *BY_MONTH}
    with duckdb.connect(str(sound.published), read_only=True) as con:
        metrics = engine.Metrics(con)
        period = periods(con, PUBLISHED_AT).period
        for name, shown in page.figures.items():
            if name not in BY_MONTH:
                ((asked,),) = metrics.query([name], since=period.since, until=period.until).rows
                assert shown == pytest.approx(float(asked)), name
        ((revenue, orders),) = con.execute(
            "select sum(revenue_amount), count(*) filter (is_sale) from marts.fct_orders"
            " where order_date between ? and ?",
            [period.since, period.until],
        ).fetchall()
        assert page.figures["revenue"] == pytest.approx(float(revenue))
        assert page.figures["orders"] == orders
        ((last,),) = con.execute("select max(order_date) from marts.fct_orders").fetchall()
        assert period.until < last  # that day is not over


def test_its_intervals_of_answers_are_those_of_the_marts(sound: Installation) -> None:
    with duckdb.connect(str(sound.published), read_only=True) as con:
        for mart, scores in (
            ("rpt_nps", marts.net_promoter_scores(con)), ("rpt_csat", marts.satisfaction(con))
        ):  # fmt: skip
            score = mart.removeprefix("rpt_")
            rows = con.execute(
                f"select {score}, {score}_low, {score}_high, answer_count from marts.{mart}"
                " qualify count(*) filter (answer_count > 0) over (partition by asked_month) = 1"
                " and answer_count > 0"
            ).fetchall()
            alone = {each.answers: each for each in scores}
            for value, low, high, answers in rows:
                assert alone[answers].value == pytest.approx(float(value), abs=1e-4)
                assert alone[answers].low == pytest.approx(float(low), abs=1e-4)
                assert alone[answers].high == pytest.approx(float(high), abs=1e-4)


def test_it_asks_nobody_for_anything_and_runs_nothing(page: Page) -> None:
    tags = {tag for tag, _ in page.tags}
    assert not tags & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "video",
        "audio",
        "use",
    }
    assert [given["href"] for _, given in page.tags if "href" in given] == ["index.html"]
    attributes = [(name, value or "") for _, given in page.tags for name, value in given.items()]
    for name, value in attributes:
        assert not name.startswith("on")
        assert name not in {"src", "srcset", "action"}
        assert not any(way in value for way in ("url(", "javascript:"))
    (policy,) = (
        given["content"] for _, given in page.tags
        if given.get("http-equiv") == "Content-Security-Policy"
    )  # fmt: skip
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_it_names_period_currency_and_publication(page: Page) -> None:
    for said in ("1 – 27 February 2026", "27 days: there are no more yet", "Money in EUR", "As of"):
        assert said in page.words
    assert "nan" not in page.words.lower().replace("finance", "")
    assert "None" not in page.words


def test_a_name_of_a_shop_stays_text(other: duckdb.DuckDBPyConnection) -> None:
    other.execute("update marts.dim_stores set store_name = ? where store_id = 'S001'", [EVIL])
    page = drawn(other)
    assert EVIL in page.words
    assert not {tag for tag, _ in page.tags} & {"script", "img"}


def test_what_a_company_has_no_data_of_is_left_out_with_a_line(
    other: duckdb.DuckDBPyConnection,
) -> None:
    """A web shop alone: no doors, no phones, no surveys, no advertising."""
    for mart in (
        "fct_store_daily", "rpt_store_demand_forecast", "fct_survey_answers", "rpt_nps", "rpt_csat",
        "fct_bookings", "rpt_marketing_performance", "fct_campaign_daily", "rpt_path_steps",
        "fct_bopis", "fct_deliveries",
    ):  # fmt: skip
        other.execute(f"delete from marts.{mart}")
    page = drawn(other)
    assert page.figures.keys() == {
        "revenue", "orders", "average_order_value", "new_customers", "repeat_rate"
    }  # fmt: skip
    for line in (
        "No revenue is credited to a channel in February 2026",
        "Of no order is known what led to it",
        "No shop's foot traffic is known in these days",
        "No month is over yet",
        "No customer was asked whether they would recommend",
        "No customer was asked whether they are satisfied",
        "Nobody tells of pick-ups, deliveries, bookings",
    ):
        assert line in page.words
    assert not {tag for tag, _ in page.tags} & {"figure", "svg"}
    other.execute("delete from marts.fct_orders; delete from marts.fct_web_sessions")
    assert "No figures yet" in drawn(other).words


def test_a_change_is_from_the_28_days_before_if_they_are_all_there(
    other: duckdb.DuckDBPyConnection,
) -> None:
    def revenue() -> Figure:
        figures = Figures(other, engine.Metrics(other), periods(other, PUBLISHED_AT))
        return next(each for each in figures.headlines() if each.metric.name == "revenue")

    assert revenue().before is None
    move = (
        "update marts.fct_orders set order_date = order_date - 35 where order_date < '2026-02-15'"
    )
    other.execute(move)
    ((expected,),) = other.execute(
        "select sum(revenue_amount) from marts.fct_orders"
        " where order_date between '2026-01-03' and '2026-01-30'"
    ).fetchall()
    assert revenue().period == Period(date(2026, 1, 31), date(2026, 2, 27))
    assert revenue().before == pytest.approx(float(expected))


def test_it_is_written_once_for_each_publication(sound: Installation, tmp_path: Path) -> None:
    written = Path(shutil.copy2(sound.home / "reports" / "overview.html", tmp_path))
    before = written.stat().st_mtime_ns
    assert overview.write(tmp_path, sound.published, "EUR") == written
    assert written.stat().st_mtime_ns == before
    written.write_text("of another publication")
    overview.write(tmp_path, sound.published, "EUR")
    assert written.stat().st_size > 10_000
