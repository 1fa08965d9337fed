"""``o2o lift``, ``o2o lift-design``, ``o2o ab``: experiments on any table, by command."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from lift.ab import Comparison
    from lift.design import Power
    from lift.placebo import InTime
    from lift.result import Estimate, Interval

# numpy, scipy and matplotlib are loaded by the commands that need them: `o2o status` shall stay
# quick.

out = Console()
err = Console(stderr=True)


class Method(StrEnum):
    did = "did"
    synth = "synth"
    tbr = "tbr"
    all = "all"


class Missing(StrEnum):
    refuse = "refuse"
    zero = "zero"


Panel = Annotated[Path, typer.Option(help="CSV or Parquet: a row per unit and period.")]
Metric = Annotated[str, typer.Option(help="The column to measure.")]
Unit = Annotated[str | None, typer.Option(help="The unit's column, if not found by its name.")]
PeriodColumn = Annotated[str | None, typer.Option(help="The period's column, likewise.")]
Gaps = Annotated[Missing, typer.Option(help="No row for a unit and period: refuse, or take 0.")]
Seed = Annotated[int, typer.Option(help="Same seed, same result.")]
Out = Annotated[Path | None, typer.Option(help="Write the results as .json or .csv.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the ``o2o`` tool."""
    app.command(name="lift")(lift_command)
    app.command(name="lift-design")(design_command)
    app.command(name="ab")(ab_command)


def lift_command(
    panel: Panel,
    treated: Annotated[str, typer.Option(help="Treated units, with commas between.")],
    start: Annotated[str, typer.Option(help="First period of the test.")],
    end: Annotated[str, typer.Option(help="Last period of the test.")],
    metric: Metric = "value",
    spend: Annotated[str | None, typer.Option(help="Spend column, for iROAS.")] = None,
    method: Annotated[Method, typer.Option(help="How to estimate.")] = Method.all,
    holdout: Annotated[
        bool, typer.Option("--holdout", help="The treated units are those without ads.")
    ] = False,
    controls: Annotated[str | None, typer.Option(help="Default: all other units.")] = None,
    unit: Unit = None,
    period: PeriodColumn = None,
    missing: Gaps = Missing.refuse,
    seed: Seed = 0,
    out: Out = None,
    plot: Annotated[Path | None, typer.Option(help="Write a picture, one per method.")] = None,
) -> None:
    """Measure what a campaign changed in some shops or regions, against the others."""
    with clear_errors():
        from lift import METHODS, estimate, read_panel
        from lift.design import PREDICT
        from lift.experiment import arrange
        from lift.placebo import in_time

        writer(out)  # a suffix that cannot be written is said before anything is computed
        table = read_panel(
            panel, metric=metric, spend=spend, unit=unit, period=period, missing=missing.value
        )
        units, others = names(treated), names(controls) if controls else None
        chosen = METHODS if method is Method.all else (one_method(method),)
        options: dict[str, Any] = {"controls": others, "spend": spend, "seed": seed}
        found = [
            estimate(name, table, units, start, end, holdout=holdout, **options) for name in chosen
        ]
        experiment = arrange(table, units, start, end, controls=others)
        pretended: dict[str, tuple[InTime, ...]] = {
            name: in_time(experiment, PREDICT[name], most=3) for name in chosen
        }
        show(found, pretended)
        if out:
            records = [
                item.to_dict() | {"placebos_in_time": [vars(run) for run in pretended[item.method]]}
                for item in found
            ]
            write(out, records, [flat(item) for item in found])
        if plot:
            from lift.plot import save

            for item in found:
                suffix = f"-{item.method}" if len(found) > 1 else ""
                path = plot.with_stem(plot.stem + suffix)
                save(item, path)
                say(f"picture: {path}")


def design_command(
    panel: Panel,
    treat: Annotated[str, typer.Option(help="How many units to treat; several: 2,4.")] = "1",
    duration: Annotated[str, typer.Option(help="Periods to test; several: 14,28.")] = "14,28",
    metric: Metric = "value",
    method: Annotated[Method, typer.Option(help="did, synth or tbr.")] = Method.synth,
    include: Annotated[str, typer.Option(help="Units that must be treated.")] = "",
    exclude: Annotated[str, typer.Option(help="Units that must not be treated.")] = "",
    effect: Annotated[
        float | None, typer.Option(help="Relative effect expected (0.05): recommend a design.")
    ] = None,
    iroas: Annotated[
        float | None, typer.Option(help="Expected iROAS: tell the spend that is needed.")
    ] = None,
    cut: Annotated[bool, typer.Option("--cut", help="The test cuts spend (go dark).")] = False,
    power: Annotated[float, typer.Option(help="Wanted power.", min=0.01, max=0.999)] = 0.8,
    alpha: Annotated[float, typer.Option(help="Two-sided level.", min=1e-4, max=0.5)] = 0.05,
    windows: Annotated[int, typer.Option(help="Pretended tests per design.", min=1)] = 20,
    top: Annotated[int, typer.Option(help="How many designs to list.", min=1)] = 10,
    unit: Unit = None,
    period: PeriodColumn = None,
    missing: Gaps = Missing.refuse,
    seed: Seed = 0,
    out: Out = None,
) -> None:
    """Choose shops or regions and a length for a test, from history without a test."""
    with clear_errors():
        from lift import read_panel
        from lift.design import recommend, select_markets

        writer(out)
        table = read_panel(panel, metric=metric, unit=unit, period=period, missing=missing.value)
        designs = select_markets(
            table,
            numbers("--treat", treat),
            numbers("--duration", duration),
            method=one_method(method),
            include=names(include),
            exclude=names(exclude),
            alpha=alpha,
            power=power,
            direction=-1 if cut else 1,
            windows=windows,
            seed=seed,
        )
        show_designs(designs[:top], iroas)
        if effect:
            best = recommend(designs, effect)
            say(
                f"for {effect:+.1%}: treat {', '.join(best.treated)} for {best.periods} periods"
                if best
                else f"[yellow]![/yellow] no design sees {effect:+.1%}: test longer, or more units"
            )
        if out:
            records = [
                vars(item) | {"spend": item.spend(iroas) if iroas else None} for item in designs
            ]
            write(
                out, records, [{k: v for k, v in r.items() if k != "thresholds"} for r in records]
            )


def ab_command(
    data: Annotated[Path, typer.Option(help="CSV or Parquet: a row per randomised unit.")],
    metric: Metric = "value",
    variant: Annotated[str, typer.Option(help="The column that names the variant.")] = "variant",
    control: Annotated[str, typer.Option(help="The variant to compare with.")] = "control",
    before: Annotated[
        str | None, typer.Option(help="The metric before the test, for CUPED.")
    ] = None,
    shares: Annotated[
        str | None, typer.Option(help="Planned shares: control=0.5,coupon=0.5; default: equal.")
    ] = None,
    level: Annotated[float, typer.Option(help="Of the intervals.", min=0.5, max=0.999)] = 0.95,
    seed: Seed = 0,
    out: Out = None,
) -> None:
    """Compare variants of a coupon or campaign that were drawn at random."""
    with clear_errors():
        from lift.ab import SRM_ALPHA
        from lift.ab_table import compare

        writer(out)
        found, ratio = compare(
            data,
            variant=variant,
            metric=metric,
            control=control,
            before=before,
            shares=planned(shares) if shares else None,
            level=level,
            seed=seed,
        )
        show_comparisons(found)
        say(f"sample ratio: p = {ratio:.4f}")
        if ratio < SRM_ALPHA:
            say(
                "[yellow]![/yellow] the variants did not get the units they should have: "
                "do not trust the comparison before you know why"
            )
        if out:
            write(
                out, [plain(item, ratio) for item in found], [plain(item, ratio) for item in found]
            )


def show(found: Sequence[Estimate], pretended: Mapping[str, Sequence[InTime]]) -> None:
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
        table.add_column(item.method, justify="right")

    def row(name: str, cells: Sequence[str], end: bool = False) -> None:
        table.add_row(name, *cells, end_section=end)

    row(f"total {what}", [f"[bold]{item.total:,.0f}[/bold]" for item in found])
    for level in (0.90, 0.95):
        row(f"  {level:.0%} interval", [span(item.interval(level), ",.0f") for item in found])
    row("per period", [f"{item.per_period:,.1f}" for item in found])
    row("per unit and period", [f"{item.per_unit_period:,.2f}" for item in found])
    row("relative", [f"[bold]{item.relative:+.2%}[/bold]" for item in found])
    row("  95% interval", [span(item.interval(0.95, "relative"), "+.2%") for item in found])
    row("p", [f"{item.p_value:.4f}" for item in found])
    row("  inference", [item.inference for item in found])
    row("placebo p", ["" if i.placebo_p is None else f"{i.placebo_p:.4f}" for i in found], end=True)
    if any(item.incremental_spend is not None for item in found):
        row("incremental spend", [f"{item.incremental_spend or 0:,.0f}" for item in found])
        row("iROAS", ["" if i.iroas is None else f"[bold]{i.iroas:.3f}[/bold]" for i in found])
        row(
            "  95% interval",
            ["" if i.iroas is None else span(i.interval(0.95, "iroas"), ".3f") for i in found],
            end=True,
        )
    row("fit before: R²", [f"{item.fit.r2:.3f}" for item in found])
    row("fit before: RMSE", [f"{item.fit.relative_rmse:.1%}" for item in found])
    runs = {name: "\n".join(f"{run.relative:+.1%}" for run in rs) for name, rs in pretended.items()}
    row("pretended earlier", [runs[item.method] or "too short" for item in found])
    out.print(table)
    for text in dict.fromkeys(text for item in found for text in item.warnings):
        methods = ", ".join(item.method for item in found if text in item.warnings)
        say(f"[yellow]![/yellow] {methods}: {escape(text)}")


def show_designs(designs: Sequence[Power], iroas: float | None) -> None:
    """One row per design, the most sensitive first."""
    table = Table(box=SIMPLE_HEAD)
    table.add_column("treated")
    columns = ["periods", "MDE", "RMSE", "R²", "false alarms"] + (["spend"] if iroas else [])
    for name in columns:
        table.add_column(name, justify="right")
    for item in designs:
        cells = [
            str(item.periods), f"{item.mde:.1%}", f"{item.relative_rmse:.1%}", f"{item.r2:.3f}",
            f"{item.false_positives:.0%}",
        ]  # fmt: skip
        spend = [f"{item.spend(iroas):,.0f}"] if iroas else []
        table.add_row(escape(", ".join(item.treated)), *cells, *spend)
    out.print(table)


def show_comparisons(found: Sequence[Comparison]) -> None:
    """One row per variant."""
    table = Table(box=SIMPLE_HEAD)
    table.add_column("variant")
    for name in (
        "units",
        "mean",
        "control",
        "difference",
        "interval",
        "relative",
        "interval",
        "p",
        "Holm p",
    ):
        table.add_column(name, justify="right")
    for item in found:
        table.add_row(
            escape(item.variant), f"{item.units[1]:,}", f"{item.means[1]:.5g}",
            f"{item.means[0]:.5g}",
            f"[bold]{item.difference:.5g}[/bold]", span(item.interval, ".5g"),
            f"{item.relative:+.2%}", span(item.relative_interval, "+.2%"),
            f"{item.p_value:.4f}", f"{item.adjusted_p:.4f}",
        )  # fmt: skip
    out.print(table)
    for item in found:
        if item.bootstrap:
            say(f"{escape(item.variant)}: bootstrap-t {span(item.bootstrap, '.5g')}")
        if item.variance_reduction is not None:
            say(f"{escape(item.variant)}: CUPED removes {item.variance_reduction:.1%} of variance")


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


def writer(path: Path | None) -> None:
    """Raises LiftError: a suffix that says neither JSON nor CSV."""
    from lift import LiftError

    if path and path.suffix not in (".json", ".csv"):
        raise LiftError(f"--out {path}: the name must end in .json or .csv")


def write(path: Path, records: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]]) -> None:
    """Records as JSON, or flat rows as CSV, as the suffix says."""
    from lift.result import jsonable

    if path.suffix == ".json":
        text = json.dumps([jsonable(record) for record in records], indent=2, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")
    else:
        with path.open("w", newline="", encoding="utf-8") as file:
            lines = csv.DictWriter(file, list(rows[0]))
            lines.writeheader()
            lines.writerows(rows)
    say(f"results: {path}")


def one_method(method: Method) -> Literal["did", "synth", "tbr"]:
    """The library's name of a method. Raises LiftError: all of them."""
    from lift import METHODS, LiftError

    for name in METHODS:
        if name == method.value:
            return name
    raise LiftError(f"one method is wanted: {', '.join(METHODS)}")


def span(bounds: Interval, form: str) -> str:
    """An interval as text; markup of rich is escaped."""
    return rf"\[{bounds.low:{form}}, {bounds.high:{form}}]"


def names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def numbers(option: str, text: str) -> list[int]:
    from lift import LiftError

    try:
        return [int(name) for name in names(text)]
    except ValueError:
        raise LiftError(f"{option} {text}: whole numbers with commas between are wanted") from None


def planned(text: str) -> dict[str, float]:
    from lift import LiftError

    try:
        pairs = [name.rsplit("=", 1) for name in names(text)]
        return {name: float(share) for name, share in pairs}
    except ValueError:
        raise LiftError(f"--shares {text}: write control=0.5,coupon=0.5") from None


def say(text: str) -> None:
    out.print(text, highlight=False, soft_wrap=True)


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turn what cannot be measured into one red message and exit code 2."""
    from lift import LiftError

    try:
        yield
    except (LiftError, OSError) as error:
        err.print(f"[bold red]error[/bold red] [red]{escape(str(error))}[/red]", soft_wrap=True)
        raise typer.Exit(2) from None
