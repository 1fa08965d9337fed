"""The page itself: facts put into its template, in words and numbers as people read them."""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, PackageLoader, StrictUndefined

from o2o.company.currencies import exponents
from o2o.errors import O2OError
from o2o.report.overview import charts, marts, paths
from o2o.report.overview.facts import Figure, channel_name
from o2o.report.overview.figures import Figures
from o2o.report.overview.periods import Period, Periods, periods
from o2o.report.page import OVERVIEW, moment, signed
from warehouse.files import write_atomically

SHOPS, CHANNELS = 20, 12
NOBODY = "unattributed"
_STAMP = 400  # characters, within which the page says what it is made from


class OverviewFailed(O2OError):
    """The figures are published, but not their overview; the message says why."""


def write(reports: Path, target: Path, currency: str) -> Path | None:
    """Write the overview of what is published at ``target``, if it is not there yet.

    None where the marts that it tells of are not published. Raises OverviewFailed.
    """
    try:
        with duckdb.connect(str(target), read_only=True) as con:
            if not marts.published_marts(con).issuperset(marts.NEEDED):
                return None
            ((said,),) = con.execute("select manifest from publication").fetchall()
            published = json.loads(said)
            file = reports / OVERVIEW
            stamp = f"{published['audit_id']}-{published.get('erasures', 0)}"
            if not (file.exists() and f'"{stamp}"' in _head(file)):
                write_atomically(file, page(con, currency, published["published_at"], stamp))
            return file
    except duckdb.Error as error:
        raise OverviewFailed(
            f"The figures are published, but their overview could not be made: {error}"
        ) from error


def page(con: duckdb.DuckDBPyConnection, currency: str, published_at: str, stamp: str = "") -> str:
    """The overview of an open published file as HTML."""
    from o2o.metrics.engine import Metrics  # a second to import, and only who publishes needs it

    days = periods(con, datetime.fromisoformat(published_at))
    figures = Figures(con, Metrics(con), days)
    return (
        _environment(currency)
        .get_template("overview.html.j2")
        .render(
            stamp=stamp,
            published_at=published_at,
            currency=currency,
            period=days.period,
            month=days.month,
            headlines=figures.headlines(),
            service=figures.service(),
            **_channels(con, days),
            **_shops(con, days),
            **_traffic(con, days),
            **_cohorts(con),
            sankey=paths.sankey(marts.steps(con)),
            paths=paths,
            **_scores(con),
        )
    )


def _channels(con: duckdb.DuckDBPyConnection, days: Periods) -> dict[str, Any]:
    every = marts.channels(con, days.month)
    rows = [row for row in every if row.name != NOBODY]
    drawn = rows[:CHANNELS]
    is_known = any(row.raw or row.calibrated for row in drawn)
    return {
        "channels": rows,
        "channels_drawn": len(drawn),
        "channels_drawing": charts.channels(drawn) if is_known else None,
        "nobody": next((row for row in every if row.name == NOBODY), None),
    }


def _shops(con: duckdb.DuckDBPyConnection, days: Periods) -> dict[str, Any]:
    shops = marts.shops(con, days.period)
    drawn = shops[:SHOPS]
    return {
        "shops": shops,
        "shops_drawn": len(drawn),
        "conversion_drawing": charts.conversion(drawn) if drawn else None,
        "revenue_drawing": charts.revenue(drawn) if drawn else None,
    }


def _traffic(con: duckdb.DuckDBPyConnection, days: Periods) -> dict[str, Any]:
    traffic = marts.traffic(con, days.period)
    return {
        "traffic": traffic,
        "traffic_drawing": charts.traffic(traffic) if traffic.known else None,
    }


def _cohorts(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    cohorts = marts.cohorts(con)
    cells = [cell for cohort in cohorts for cell in cohort.returned.items()]
    return {
        "cohorts": cohorts,
        "last_since": max((since for since, _ in cells), default=0),
        "most_returned": max((part for _, part in cells), default=0.0),
    }


def _scores(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    promoters, satisfied = marts.net_promoter_scores(con), marts.satisfaction(con)
    return {
        "promoters": promoters,
        "satisfied": satisfied,
        "promoters_drawing": charts.scores(promoters, "d") if promoters else None,
        "satisfied_drawing": charts.scores(satisfied, ".0%") if satisfied else None,
    }


def days(period: Period) -> str:
    """'3 – 30 May 2026'; the first day's month and year where they are others."""
    since, until = period.since, period.until
    first = f"{since.day}"
    if (since.year, since.month) != (until.year, until.month):
        first += f" {since:%B}"
    if since.year != until.year:
        first += f" {since.year}"
    return f"{first} – {until.day} {until:%B %Y}"


def month(day: date) -> str:
    """'May 2026'."""
    return f"{day:%B %Y}"


def percentage(value: float | None, decimals: int = 1) -> str:
    """'12.3%'; a dash for none."""
    return "–" if value is None else signed(f"{value:.{decimals}%}")


def change(figure: Figure) -> str:
    """How it differs from the period before: shares and scores by points, the rest in parts."""
    if figure.before is None:
        return ""
    difference = figure.value - figure.before
    if figure.metric.unit == "share":
        text = f"{abs(100 * difference):.1f} points"
    elif figure.metric.unit == "score":
        text = f"{abs(difference):.1f}"
    elif figure.before == 0:
        return ""
    else:
        text = f"{abs(difference / figure.before):.1%}"
    if not any(digit in text for digit in "123456789"):
        return "as before"
    return f"{'▲' if difference > 0 else '▼'} {text}"


def _parts(currency: str, value: float, unit: str) -> tuple[str, str]:
    """A figure as people read it, and its unit."""
    if unit == "money":
        decimals = 0 if abs(value) >= 1000 else exponents().get(currency, 2)
        return signed(f"{value:,.{decimals}f}"), currency
    if unit == "share":
        return percentage(value), ""
    if unit == "minutes":
        return (f"{value:,.0f}", "min") if value < 180 else (f"{value / 60:,.1f}", "hours")
    forms = {"count": "{:,.0f}", "score": "{:.1f}"}
    return signed(forms.get(unit, "{:,.2f}").format(value)), ""


def _written(currency: str, value: float, unit: str) -> str:
    return " ".join(_parts(currency, value, unit)).rstrip()


def _head(file: Path) -> str:
    with file.open(encoding="utf-8") as text:
        return text.read(_STAMP)


def _environment(currency: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("o2o.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for function in (change, channel_name, days, moment, month, percentage):
        environment.filters[function.__name__] = function
    environment.filters["parts"] = partial(_parts, currency)
    environment.filters["written"] = partial(_written, currency)
    return environment
