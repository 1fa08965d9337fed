"""``python -m benchmarks.experiments``: do the intervals of experiments hold the truth, and how
near does calibrated credit come to it?

Each seed is a demo world. Its panels are summed up from what the company's systems would tell
(orders, tills, door counters), without the way through connectors and warehouse, which other tests
walk; they go through the same code as in the warehouse
(``o2o.steps.experiment_results.measure``). The truth is what the world itself says of causes.

A channel's true effect is the contrast that the plan really made: an ad of before the test goes on
causing visits during the test, and people go to shops of other regions. So it is
(1 − s_rest) / (1 − s_ads) − 1, with s the part of sales that the channel caused in regions and on
days with and without its ads.
"""

from __future__ import annotations

import math
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from analytics.lift import METHODS, Panel
from demo import world
from o2o.steps.experiment_results import JOINT, Trial, measure, panels, trials_of

KINDS = {"till_orders": "till_order", "web_orders": "web_order", "footfall": "store_visit"}
_PANEL = """
    SELECT 'region' AS unit_type, unit_id, metric, metric_date, count(*)::BIGINT AS value
    FROM (
        SELECT region_code AS unit_id, 'web_orders' AS metric, created_at::DATE AS metric_date
        FROM web_orders WHERE cancelled_at IS NULL
        UNION ALL
        SELECT s.region_code, 'till_orders', timezone(s.time_zone, t.created_at::TIMESTAMPTZ)::DATE
        FROM till_orders AS t JOIN shops AS s USING (shop_no)
        UNION ALL
        SELECT s.region_code, 'footfall', timezone(s.time_zone, v.arrived_at::TIMESTAMPTZ)::DATE
        FROM truth.visits AS v JOIN shops AS s USING (shop_no)
        WHERE NOT v.is_staff AND NOT v.is_pass_by
    ) GROUP BY ALL
"""
_CAUSED = """
    SELECT c.cause_channel AS channel, coalesce(s.region_code, p.region_code) AS unit_id,
        c.occurred_at::DATE AS day, count(*) AS events
    FROM truth.conversions AS c JOIN truth.persons AS p USING (person_id)
    LEFT JOIN till_orders AS t ON c.kind = 'till_order' AND c.record_id = t.order_id
    LEFT JOIN truth.visits AS v ON c.kind = 'store_visit' AND c.record_id = v.visit_id::VARCHAR
    LEFT JOIN shops AS s ON coalesce(t.shop_no, v.shop_no) = s.shop_no
    WHERE c.kind = ? GROUP BY ALL
"""
# What a channel did: what it cost, or how often it touched somebody.
_ACTIVITY = """
    SELECT
        CASE channel_type WHEN 'SEARCH' THEN 'paid_search' WHEN 'SOCIAL' THEN 'paid_social'
            ELSE lower(channel_type) END AS channel,
        date AS day, sum(cost_micros_final * eur_per_unit) AS activity
    FROM ad_daily
    JOIN campaigns USING (campaign_no)
    JOIN ad_accounts USING (platform)
    JOIN currencies USING (currency_code)
    GROUP BY ALL
    UNION ALL
    SELECT 'email', event_date, count(*)
    FROM web_events WHERE event_name = 'session_start' AND medium = 'email' GROUP BY ALL
"""
Found = dict[tuple[str, str], list[bool]]  # (metric, method) -> whether intervals held the truth


def one_world(seed: int, persons: int, days: int) -> tuple[Found, float]:
    """Whether each interval holds the truth; the error of calibrated channel shares of orders."""
    with tempfile.TemporaryDirectory(prefix="o2o-experiments-") as home:
        folder = Path(home)
        world.generate(folder, persons=persons, days=days, extra_days=0, seed=seed)
        with duckdb.connect(str(folder / world.WORLD_FILE), read_only=True) as con:
            con.execute(f"ATTACH '{folder / world.TRUTH_FILE}' AS truth (READ_ONLY)")
            con.execute("SET TimeZone = 'UTC'")
            trials = trials_of(
                con.sql(
                    "SELECT experiment_id, channel, 'holdout' AS design, 'region' AS unit_type,"
                    " region_code AS unit_id, start_date, end_date, NULL AS campaign_id"
                    " FROM experiments"
                )
                .to_arrow_table()
                .to_pylist()
            )
            activity = con.execute(_ACTIVITY).fetchall()
            made = panels(con.sql(_PANEL).to_arrow_table())
            caused = {
                metric: con.execute(_CAUSED, [kind]).to_arrow_table().to_pylist()
                for metric, kind in KINDS.items()
            }
    found: Found = defaultdict(list)
    shares: dict[str, float] = defaultdict(float)
    orders: dict[str, float] = {}
    true: dict[str, float] = defaultdict(float)
    for (_, metric), panel in made.items():
        truth = Truth(caused[metric], trials)
        with threadpool_limits(limits=1):
            rows = list(measure(panel, trials))
        for row in rows:
            if row.get("relative_low") is None or row.get("relative_high") is None:
                continue
            wanted = truth.relative(row["channel"], row["start_date"], row["end_date"])
            held = float(row["relative_low"]) <= wanted <= float(row["relative_high"])
            found[metric, row["method"]].append(held)
            if row["method"] == JOINT and metric != "footfall":
                orders[metric] = float(panel.value.sum())
                channel, start, end = row["channel"], row["start_date"], row["end_date"]
                did = [(str(day), float(much)) for name, day, much in activity if name == channel]
                # As int_experiments__calibration does, over all months at once.
                tested = sum(much for day, much in did if start <= day <= end)
                shares[channel] += (
                    max(float(row["advertised_share"]), 0)
                    * truth.advertised(channel, panel, start, end)
                    * sum(much for _, much in did)
                    / tested
                )
        if metric != "footfall":
            for event in caused[metric]:
                true[event["channel"]] += event["events"]
    everything = sum(orders.values())
    credited = {channel: count / everything for channel, count in shares.items()}
    credited["organic"] = 1 - sum(credited.values())
    whole = sum(true.values())
    error = sum(abs(credited.get(channel, 0) - count / whole) for channel, count in true.items())
    return found, error / 2


class Truth:
    """What channels caused, by region and day, and where they rested."""

    def __init__(self, events: list[dict[str, object]], trials: list[Trial]) -> None:
        self.events = events
        self.dark = {
            (trial.channel, unit, trial.start + timedelta(days=day))
            for trial in trials
            for unit in trial.units
            for day in range((trial.end - trial.start).days + 1)
        }

    def advertised(self, channel: str, panel: Panel, start: str, end: str) -> float:
        """All that a panel counts from ``start`` to ``end`` where and while the channel runs."""
        return sum(
            float(panel.value[row, column])
            for row, unit in enumerate(panel.units)
            for column, day in enumerate(panel.periods)
            if start <= str(day) <= end and (channel, unit, day) not in self.dark
        )

    def relative(self, channel: str, start: str, end: str) -> float:
        """The channel's surplus over sales without it, from ``start`` to ``end``."""
        sums = {(dark, mine): 0.0 for dark in (True, False) for mine in (True, False)}
        for event in self.events:
            if start <= str(event["day"]) <= end:
                dark = (channel, event["unit_id"], event["day"]) in self.dark
                sums[dark, event["channel"] == channel] += float(str(event["events"]))
        rest, ads = (
            math.log1p(-sums[dark, True] / (sums[dark, True] + sums[dark, False]))
            for dark in (True, False)
        )
        return math.expm1(rest - ads)


def main(
    worlds: Annotated[int, typer.Option(help="How many, with seeds from --first on.")] = 100,
    first: int = 1000,
    persons: int = world.DEFAULT_PERSONS,
    days: int = world.DEFAULT_DAYS,
    processes: int = 2,
) -> None:
    """Print how many of the 95% intervals held the truth, by metric and method."""
    found: Found = defaultdict(list)
    errors = []
    with ProcessPoolExecutor(processes) as pool:
        seeds = range(first, first + worlds)
        for one, error in pool.map(
            one_world, seeds, [persons] * worlds, [days] * worlds, chunksize=1
        ):
            errors.append(error)
            for key, held in one.items():
                found[key] += held
    table = Table(
        title=f"{worlds} worlds of {persons:,} people: 95% intervals that hold the truth",
        box=SIMPLE_HEAD,
    )
    table.add_column("metric")
    for method in (JOINT, *METHODS):
        table.add_column(method, justify="right")
    for metric in sorted({metric for metric, _ in found}):
        table.add_row(metric, *_rates(found, metric))
    Console().print(table)
    errors.sort()
    middle = errors[len(errors) // 2]
    Console().print(
        f"Error of calibrated channel shares of orders: median {middle:.4f}, worst {errors[-1]:.4f}"
    )


def _rates(found: Found, metric: str) -> Iterator[str]:
    for method in (JOINT, *METHODS):
        held = found[metric, method]
        yield f"{sum(held) / len(held):.1%} of {len(held):,}" if held else "–"


if __name__ == "__main__":
    typer.run(main)
