"""What a run of the demo found: rows, accuracy against the truth, checks, where to look."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import get_args

import duckdb
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from connectors.connections import Connected
from demo import business_score, world
from demo.business_score import BusinessScore, score_business
from demo.conversion_score import ConversionScore
from demo.experience_score import TABLES, ExperienceScore, score_experience
from demo.identity_score import Clustering, IdentityScore
from demo.revenue_score import RevenueScore, score_revenue
from demo.score import SCORED_TABLES, Score, as_causes, distance, score
from expectations import context, runner
from o2o.pipeline.engine import open_warehouse
from o2o.pipeline.paths import Paths
from o2o.report import page
from warehouse.landing.zone import Landing

MOST_CELLS = 5  # differing figures that are named

# A stream's newest load before the run, by (source, stream).
Before = Mapping[tuple[str, str], str]
Sources = Mapping[str, Connected]  # those that were read, by name


def newest_loads(paths: Paths, sources: Sources) -> Before:
    """Where each stream of these connections stands now, to tell later what a run has added."""
    landing = Landing(paths.landing_url)
    return {
        (name, stream.name): max(landing.stream(name, stream.name).load_ids(), default="")
        for name, source in sources.items()
        for stream in source.streams
    }


def show(paths: Paths, sources: Sources, before: Before, clock: datetime, console: Console) -> None:
    """Print all findings of a run of these connections that ended well, up to the world's clock."""
    console.print(_landed(paths, sources, before))
    with _warehouse_file(paths) as warehouse:
        found = score(paths.outside_world / world.TRUTH_FILE, warehouse, clock)
        sold = score_revenue(paths.outside_world / world.WORLD_FILE, warehouse, clock)
        files = paths.outside_world / world.WORLD_FILE, paths.outside_world / world.TRUTH_FILE
        told = score_experience(*files, warehouse, clock)
        business = score_business(*files, warehouse, clock)
    console.print(_accuracy(found))
    console.print(_sources(found.identity, sources))
    if found.conversions:
        console.print(_conversions(found.conversions))
    for table in _attribution(found):
        console.print(table)
    console.print(_revenue(sold))
    right, shops = sold.shops
    console.print(f"Shops that are equal in every cell: {right} of {shops}", highlight=False)
    for cell in sold.differing[:MOST_CELLS]:
        console.print(f"[yellow]differs[/] {cell}", highlight=False, soft_wrap=True)
    for line in (*_experience(told), *_business(business)):
        console.print(line, highlight=False, soft_wrap=True)
    show_checks(paths, console)
    console.print(
        f"\nMarts to query:  {paths.published}\n"
        f"Overview:        {paths.reports / page.OVERVIEW}\n"
        f"Owners' report:  {paths.reports / 'index.html'}\n"
        f"Data Docs:       {context.data_docs(paths.reports / 'gx')}",
        highlight=False,
        soft_wrap=True,
    )


@contextmanager
def _warehouse_file(paths: Paths) -> Iterator[Path]:
    """What is scored, as a DuckDB file whatever the engine."""
    if paths.engine == "duckdb":
        yield paths.warehouse
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "warehouse.duckdb"
        with open_warehouse(paths).reading() as reader, duckdb.connect(str(file)) as con:
            tables = dict.fromkeys((*SCORED_TABLES, *TABLES, *business_score.TABLES))
            for schema, name in (table.split(".") for table in tables):
                con.execute(f"create schema if not exists {schema}")
                if name in reader.tables(schema):  # what is missed and needed, the score says
                    reader.copy_table(con, schema, name)
        yield file


def show_checks(paths: Paths, console: Console) -> None:
    """Print how many checks passed, and each that did not with its owner and totals."""
    table = Table(title="Checks", title_justify="left")
    table.add_column("Boundary")
    for name in ("passed", "warned", "failed"):
        table.add_column(name, justify="right")
    off = []
    for boundary in get_args(runner.Boundary):
        result = runner.load(paths.reports, boundary)
        if result is None:
            continue
        off += [*result.failed, *result.warned]
        passed = len(result.checks) - len(result.failed) - len(result.warned)
        counts = (passed, len(result.warned), len(result.failed))
        table.add_row(boundary, *(str(count) for count in counts))
    console.print(table)
    for check in off:
        console.print(f"[yellow]{check.severity}[/] {check.title} (owner {check.owner})")
        for total in (total for total in check.totals if total.gap):
            left, right, gap = (
                page.amount(value, total.unit) for value in (total.left, total.right, total.gap)
            )
            console.print(
                f"     {check.left_label} {left} · {check.right_label} {right} · gap {gap}",
                highlight=False,
                soft_wrap=True,
            )


def _landed(paths: Paths, sources: Sources, before: Before) -> Table:
    table = Table(title="Rows landed in this run", title_justify="left")
    table.add_column("Source")
    table.add_column("Streams", justify="right")
    table.add_column("Rows", justify="right")
    table.add_column("Quarantined", justify="right")
    landing = Landing(paths.landing_url)
    for name, source in sources.items():
        rows = quarantined = 0
        for stream in source.streams:
            place = landing.stream(name, stream.name)
            for load_id in place.load_ids():
                if load_id > before.get((name, stream.name), ""):
                    load = place.read(load_id)
                    rows += load.rows
                    quarantined += load.quarantined
        table.add_row(source.title, str(len(source.streams)), f"{rows:,}", f"{quarantined:,}")
    return table


def _accuracy(found: Score) -> Table:
    table = Table(title="Held against the truth", title_justify="left")
    table.add_column("")
    for name in ("precision", "recall", "F1", "biggest"):
        table.add_column(name, justify="right")
    identity, visits = found.identity, found.visits

    def add(label: str, scored: Clustering) -> None:
        shares = (f"{v:.3f}" for v in (scored.precision, scored.recall, scored.f1))
        table.add_row(label, *shares, str(scored.biggest))

    add("Identity, pairs of records", identity.reached)
    add("  ceiling of the shared evidence", identity.ceiling)
    table.add_row(
        "  of the ceiling", "", f"{identity.recall_of_ceiling:.1%}", f"{identity.f1_of_ceiling:.1%}"
    )
    table.add_row(
        "  persons with two people's accounts", f"{identity.mixed.per_10_000:.0f} in 10,000"
    )
    if identity.households:
        add("Households, pairs of persons", identity.households)
    else:
        table.add_row("Households, pairs of persons", "not built")
    table.add_row("Store visits of phones heard", f"{visits.precision:.3f}", f"{visits.recall:.3f}")
    return table


def _sources(identity: IdentityScore, sources: Sources) -> Table:
    """Where pairs are missed, and what is wrong in the customers that hold several persons."""
    wrong = identity.over_merges
    strangers = ", ".join(f"{count:,} {kind}" for kind, count in wrong.strangers.items())
    table = Table(
        title="Pairs of records found, by the sources that take part",
        title_justify="left",
        caption=f"{wrong.clusters:,} customers hold records of several persons"
        + (f"; records that are not the main person's: {strangers}" if strangers else ""),
        caption_justify="left",
    )
    table.add_column("Source")
    for name in ("recall", "ceiling", "of ceiling"):
        table.add_column(name, justify="right")
    titles = {source.vendor: source.title for source in sources.values()}
    for name, (reached, ceiling) in identity.sources.items():
        share = reached / ceiling if ceiling else 1.0
        table.add_row(titles[name], f"{reached:.3f}", f"{ceiling:.3f}", f"{share:.1%}")
    return table


def _conversions(scores: list[ConversionScore]) -> Table:
    table = Table(
        title="Conversions without a price: what people did, and what was found",
        title_justify="left",
        caption="known: of whom the customer is known; distance: of the last touches' channels from"
        " those that caused them",
        caption_justify="left",
        box=SIMPLE_HEAD,
    )
    table.add_column("Type")
    for name in ("truth", "found", "precision", "recall", "known", "distance"):
        table.add_column(name, justify="right")
    for one in scores:
        known = one.known / one.matched if one.matched else 0.0
        table.add_row(
            one.conversion_type,
            f"{one.true_count:,}",
            f"{one.found_count:,}",
            f"{one.precision:.3f}",
            f"{one.recall:.3f}",
            f"{known:.1%}",
            f"{distance(as_causes(one.credited), one.caused):.3f}" if one.matched else "",
        )
    return table


def _attribution(found: Score) -> Iterator[Table]:
    """Credit shares beside caused shares, and the distance to the truth, per model. Two tables: a
    terminal of 80 columns cuts the figures of one."""
    models = found.attribution
    if not models:  # no orders: a company with neither a web shop nor tills yet
        return
    channels = sorted({c for m in models for c in (*m.credited, *m.caused)})
    shares = Table(
        title="Net revenue by cause: what happened, and what each model credits",
        title_justify="left",
        box=SIMPLE_HEAD,
    )
    shares.add_column("Model")
    for name in channels:
        shares.add_column(name, justify="right")

    def add(label: str, credited: Mapping[str, float]) -> None:
        shares.add_row(label, *(f"{credited.get(channel, 0):.1%}" for channel in channels))

    add("truth", models[0].caused)
    shares.add_section()
    for model in models:
        add(model.model, model.credited)
    last = next(model for model in models if model.model == "last")
    if last.calibrated:
        shares.add_section()
        add("calibrated", last.calibrated)
    yield shares

    distances = Table(
        title="How far credit is from the truth",
        title_justify="left",
        caption="total variation between credited and caused shares, 0 is right;"
        " calibrated: the same after experiments",
        caption_justify="left",
        box=SIMPLE_HEAD,
    )
    distances.add_column("Model")
    for name in ("distance", "within ads", "calibrated"):
        distances.add_column(name, justify="right")
    for model in models:
        found_distances = (model.channel_error, model.mix_error, model.calibrated_error)
        told = ("" if distance is None else f"{distance:.3f}" for distance in found_distances)
        distances.add_row(model.model, *told)
    yield distances


def _revenue(sold: RevenueScore) -> Table:
    table = Table(
        title="Revenue by definition, in EUR: what was sold, and what is published",
        title_justify="left",
        caption="a cell: a month of a channel, shop and currency, in its minor units",
        caption_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),  # or a terminal of 80 columns cuts the figures
    )
    table.add_column("Definition")
    table.add_column("Channel")
    for name in ("truth", "warehouse", "cells", "differ"):
        table.add_column(name, justify="right")
    last = ""
    for part in sold.sums():
        table.add_row(
            part.definition if part.definition != last else "",
            part.channel,
            f"{part.truth:,.2f}",
            f"{part.warehouse:,.2f}",
            f"{part.cells:,}",
            f"{part.differing:,}",
        )
        last = part.definition
    return table


def _experience(told: ExperienceScore | None) -> Iterator[str]:
    """What people say, with who would have said what, and who came where a forecast was made."""
    if told is None:
        return
    for one in told.surveys:
        held = "" if one.is_held else "[yellow]outside[/] "
        yield (
            f"{held}{one.kind.upper()} of {one.answers:,} answers: {one.published:.2f}"
            f" ({one.low:.2f} to {one.high:.2f}), truth of who answered {one.answered:.2f},"
            f" of all who were asked {one.asked:.2f}"
        )
    if ahead := told.forecast:
        yield (
            f"Footfall of {ahead.days:,} days of shops to come: {ahead.expected:,.0f} expected,"
            f" {ahead.came:,} came; error {ahead.wape:.0%}, {ahead.inside_80:.0%} inside the 80%"
            f" interval, {ahead.inside_95:.0%} inside the 95% one"
        )


def _business(found: BusinessScore) -> Iterator[str]:
    """Who comes back, what customers buy, what leads to sales, what ran out: what the warehouse
    could know, and what is so."""
    for one in (*found.figures, found.stock):
        if one:
            told = "[red]must hold[/] " if one in found.wrong else "[yellow]outside[/] "
            yield f"{'' if one.is_held else told}{one}"
