"""What the lift commands print and write."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import isfinite, isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from analytics.csv_file import write_rows
from analytics.errors import InputError
from o2o.commands.terminal import out

if TYPE_CHECKING:
    from analytics.lift.ab import Comparison
    from analytics.lift.design import Power
    from analytics.lift.placebo import InTime
    from analytics.lift.result import Estimate, Interval


def show(found: Sequence[Estimate], placebos: Mapping[str, Sequence[InTime]]) -> None:
    """One column per method, one row per quantity."""
    first = found[0]
    what = "of ads (holdout)" if first.holdout else "effect"
    title = (
        f"{first.metric}, {first.start} to {first.end} ({first.periods} periods): "
        f"{len(first.treated)} treated, {len(first.controls)} controls"
    )
    table = Table(title=title, box=SIMPLE_HEAD, title_justify="left")
    table.add_column("", no_wrap=True)
    for item in found:
        table.add_column(item.method, justify="right", overflow="fold")

    def row(name: str, cells: Sequence[str], end: bool = False) -> None:
        table.add_row(name, *cells, end_section=end)

    row(f"total {what}", [f"[bold]{item.total:,.0f}[/bold]" for item in found])
    for level in (0.90, 0.95):
        row(f"  {level:.0%} interval", [span(item.interval(level), ",.0f") for item in found])
    row("per period", [f"{item.per_period:,.1f}" for item in found])
    row("per unit and period", [f"{item.per_unit_period:,.2f}" for item in found])
    row("relative", [f"[bold]{percent(item.relative)}[/bold]" for item in found])
    row("  95% interval", [span(item.interval(0.95, "relative"), "+.2%") for item in found])
    row("p", [small(item.p_value) for item in found])
    row("  inference", [item.inference for item in found])
    row("placebo p", ["" if i.placebo_p is None else small(i.placebo_p) for i in found], end=True)
    if any(item.incremental_spend is not None for item in found):
        row("incremental spend", [f"{item.incremental_spend or 0:,.0f}" for item in found])
        row("iROAS", ["" if i.iroas is None else f"[bold]{i.iroas:.3f}[/bold]" for i in found])
        row(
            "  95% interval",
            ["" if i.iroas is None else span(i.interval(0.95, "iroas"), ".3f") for i in found],
            end=True,
        )
    row("fit before: R²", ["–" if isnan(i.fit.r2) else f"{i.fit.r2:.3f}" for i in found])
    rmse = [item.fit.relative_rmse for item in found]
    row("fit before: RMSE", [f"{share:.1%}" if isfinite(share) else "–" for share in rmse])
    runs = [[percent(run.relative, 1) for run in placebos[item.method]] for item in found]
    row("placebos in time", ["\n".join(shares) or "too short" for shares in runs])
    out.print(table)
    for text in dict.fromkeys(text for item in found for text in item.warnings):
        methods = ", ".join(item.method for item in found if text in item.warnings)
        say(f"[yellow]![/yellow] {methods}: {escape(text)}")
    _say_empty(found)


def _say_empty(found: Sequence[Estimate]) -> None:
    """An interval with nothing in it looks like certainty: say that it is the contrary."""
    from analytics.lift.result import EMPTY

    for item in found:
        others = {name: told for name, told in item.inferences.items() if name != item.inference}
        for name, told in others.items():
            for level in [bounds.level for bounds in told.total if bounds.is_empty]:
                say(f"[yellow]![/yellow] {item.method}, {name}: no {level:.0%} interval: {EMPTY}")


def show_designs(designs: Sequence[Power], iroas: float | None) -> None:
    """One row per design, the most sensitive first."""
    table = Table(box=SIMPLE_HEAD)
    table.add_column("treated")
    columns = ["periods", "MDE", "RMSE", "R²"] + (["spend"] if iroas else [])
    for name in columns:
        table.add_column(name, justify="right")
    for item in designs:
        cells = [
            str(item.periods), f"{item.mde:.1%}", f"{item.relative_rmse:.1%}", f"{item.r2:.3f}",
        ]  # fmt: skip
        spend = [f"{item.spend(iroas):,.0f}"] if iroas else []
        table.add_row(escape(", ".join(item.treated)), *cells, *spend)
    out.print(table)


def show_comparisons(found: Sequence[Comparison]) -> None:
    """One column per variant, one row per quantity."""
    table = Table(box=SIMPLE_HEAD)
    table.add_column(f"compared with {escape(found[0].control)}", no_wrap=True)
    for item in found:
        table.add_column(escape(item.variant), justify="right")
    level = f"  {found[0].interval.level:.0%} interval"
    cells = {
        "units": [f"{item.units[1]:,}" for item in found],
        "mean": [f"{item.means[1]:.5g}" for item in found],
        "control's mean": [f"{item.means[0]:.5g}" for item in found],
        "difference": [f"[bold]{item.difference:+.5g}[/bold]" for item in found],
        level: [span(item.interval, ".5g") for item in found],
        "  bootstrap-t": [span(i.bootstrap, ".5g") if i.bootstrap else "" for i in found],
        "relative": [f"[bold]{item.relative:+.2%}[/bold]" for item in found],
        f"{level} ": [span(item.relative_interval, "+.2%") for item in found],
        "p": [f"{small(item.p_value)} ({item.method})" for item in found],
        "p, Holm": [small(item.adjusted_p) for item in found],
        "variance removed": [
            "" if i.variance_reduction is None else f"{i.variance_reduction:.1%}" for i in found
        ],
    }
    for name, row in cells.items():
        if any(row):
            table.add_row(name, *row)
    out.print(table)


def flat(item: Estimate) -> dict[str, object]:
    """One CSV row per method."""
    row: dict[str, object] = {
        name: getattr(item, name)
        for name in (
            "method", "metric", "start", "end", "periods", "holdout", "total", "per_period",
            "per_unit_period", "relative", "p_value", "placebo_p", "inference", "incremental_spend",
            "iroas",
        )
    }  # fmt: skip
    for of in ("total", "relative", "iroas"):
        for level in item.levels(of):
            bounds = item.interval(level, of)
            row[f"{of}_low_{level:.0%}"], row[f"{of}_high_{level:.0%}"] = bounds.low, bounds.high
    fit = item.fit
    return row | {"fit_r2": fit.r2, "fit_rmse": fit.rmse, "warnings": "; ".join(item.warnings)}


def plain(item: Comparison, ratio: float) -> dict[str, object]:
    """A comparison as one flat row."""
    row: dict[str, object] = {
        "variant": item.variant,
        "control": item.control,
        "method": item.method,
    }
    row |= {"units": item.units[1], "control_units": item.units[0]}
    row |= {"mean": item.means[1], "control_mean": item.means[0], "difference": item.difference}
    for name, bounds in (
        ("difference", item.interval), ("relative", item.relative_interval),
        ("bootstrap", item.bootstrap),
    ):  # fmt: skip
        row[f"{name}_low"] = bounds.low if bounds else None
        row[f"{name}_high"] = bounds.high if bounds else None
    row |= {"relative": item.relative, "p_value": item.p_value, "adjusted_p": item.adjusted_p}
    return row | {"variance_reduction": item.variance_reduction, "sample_ratio_p": ratio}


def check_suffix(path: Path | None) -> None:
    """Raises InputError for a name that ends in neither .json nor .csv."""
    if path and path.suffix not in (".json", ".csv"):
        raise InputError(f"--out {path}: the name must end in .json or .csv")


def write(path: Path, records: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]]) -> None:
    """Records as JSON, or flat rows as CSV, as the suffix says."""
    from analytics.lift.result import jsonable

    if path.suffix == ".json":
        text = json.dumps([jsonable(record) for record in records], indent=2, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")
    else:
        with path.open("w", newline="", encoding="utf-8") as file:
            write_rows(file, list(rows[0]), rows)
    say(f"results: {path}")


def span(bounds: Interval, form: str) -> str:
    """An interval as text; markup of rich is escaped."""
    if bounds.is_empty:
        return "none"
    if isnan(bounds.low) or isnan(bounds.high):
        return "–"
    return rf"\[{bounds.low:{form}}, {bounds.high:{form}}]"


def percent(share: float, digits: int = 2) -> str:
    """A relative effect; where there is nothing that it could be relative to, a dash."""
    return f"{share:+.{digits}%}" if isfinite(share) else "–"


def small(p_value: float) -> str:
    """A p-value that is never written as 0."""
    return f"{p_value:.4f}" if p_value >= 0.0001 else "<0.0001"


def say(text: str) -> None:
    out.print(text, highlight=False, soft_wrap=True)
