"""``o2o lift``, ``o2o lift-design``, ``o2o ab``: experiments on any table, by command."""

from __future__ import annotations

import csv
from collections.abc import Collection
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from analytics.errors import InputError
from o2o.commands.lift_output import (
    check_suffix,
    flat,
    plain,
    say,
    show,
    show_comparisons,
    show_designs,
    write,
)
from o2o.commands.terminal import clear_errors

if TYPE_CHECKING:
    from analytics.lift.placebo import InTime

# numpy, scipy and matplotlib are loaded by the commands that need them: `o2o status` shall stay
# quick.


class Method(StrEnum):
    did = "did"
    synth = "synth"
    tbr = "tbr"
    all = "all"


class Missing(StrEnum):
    refuse = "refuse"
    zero = "zero"


Panel = Annotated[
    Path, typer.Option(help="File of the panel, .csv or .parquet: a row per unit and period.")
]
Metric = Annotated[str, typer.Option(help="Column to measure.")]
Unit = Annotated[
    str | None, typer.Option(help="Column of the unit, if its name is not recognised.")
]
PeriodColumn = Annotated[
    str | None, typer.Option(help="Column of the period, if its name is not recognised.")
]
Gaps = Annotated[
    Missing, typer.Option(help="Where a unit has no row for a period: refuse, or take zero.")
]
Seed = Annotated[
    int, typer.Option(help="Seed of random draws: the same seed gives the same result.")
]
Out = Annotated[Path | None, typer.Option(help="File to write the results to: .json or .csv.")]


def lift_command(
    panel: Panel,
    treated: Annotated[
        list[str],
        typer.Option(
            help="Treated units, separated by commas. Repeat it for a name with a comma in it:"
            ' --treated "Washington, DC" --treated chicago.'
        ),
    ],
    start: Annotated[str, typer.Option(help="First period of the test.")],
    end: Annotated[str, typer.Option(help="Last period of the test.")],
    metric: Metric = "value",
    spend: Annotated[str | None, typer.Option(help="Column of spend, for iROAS.")] = None,
    method: Annotated[Method, typer.Option(help="Estimator to use.")] = Method.all,
    holdout: Annotated[
        bool, typer.Option("--holdout", help="The treated units are those without ads.")
    ] = False,
    controls: Annotated[
        list[str] | None,
        typer.Option(help="Control units, named likewise; by default all other units."),
    ] = None,
    unit: Unit = None,
    period: PeriodColumn = None,
    missing: Gaps = Missing.refuse,
    seed: Seed = 0,
    out: Out = None,
    plot: Annotated[
        Path | None, typer.Option(help="File to write a picture to; one for each method.")
    ] = None,
) -> None:
    """Measure what a campaign changed in some shops or regions, compared with others."""
    with clear_errors():
        from analytics.lift import METHODS, estimate, read_panel
        from analytics.lift.design import PREDICT
        from analytics.lift.experiment import arrange
        from analytics.lift.placebo import in_time

        check_suffix(out)  # before anything is computed
        table = read_panel(
            panel, metric=metric, spend=spend, unit=unit, period=period, missing=missing.value
        )
        units = unit_names("--treated", treated, table.units)
        others = unit_names("--controls", controls, table.units) if controls else None
        chosen = METHODS if method is Method.all else (one_method(method),)
        options: dict[str, Any] = {"controls": others, "spend": spend, "seed": seed}
        found = [
            estimate(name, table, units, start, end, holdout=holdout, **options) for name in chosen
        ]
        experiment = arrange(table, units, start, end, controls=others)
        placebos: dict[str, tuple[InTime, ...]] = {
            name: in_time(experiment, PREDICT[name], most=3) for name in chosen
        }
        show(found, placebos)
        if out:
            records = [
                item.to_dict() | {"placebos_in_time": [vars(run) for run in placebos[item.method]]}
                for item in found
            ]
            write(out, records, [flat(item) for item in found])
        if plot:
            from analytics.lift.plot import save

            for item in found:
                suffix = f"-{item.method}" if len(found) > 1 else ""
                path = plot.with_stem(plot.stem + suffix)
                save(item, path)
                say(f"picture: {path}")


def design_command(
    panel: Panel,
    treat: Annotated[str, typer.Option(help="Numbers of units to treat, such as 2,4.")] = "1",
    duration: Annotated[
        str, typer.Option(help="Lengths of the test in periods, such as 14,28.")
    ] = "14,28",
    metric: Metric = "value",
    method: Annotated[
        Method, typer.Option(help="Estimator to use: did, synth or tbr.")
    ] = Method.synth,
    include: Annotated[
        list[str] | None,
        typer.Option(help="Units that must be treated, separated by commas, or one at a time."),
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(help="Units that must not be treated, likewise.")
    ] = None,
    effect: Annotated[
        float | None,
        typer.Option(help="Expected relative effect, such as 0.05: recommends a design for it."),
    ] = None,
    iroas: Annotated[
        float | None, typer.Option(help="Expected iROAS: shows the spend that is needed.")
    ] = None,
    cut: Annotated[bool, typer.Option("--cut", help="The test cuts spend (go dark).")] = False,
    power: Annotated[float, typer.Option(help="Power of the test.", min=0.01, max=0.999)] = 0.8,
    alpha: Annotated[
        float, typer.Option(help="Two-sided significance level.", min=1e-4, max=0.5)
    ] = 0.05,
    windows: Annotated[int, typer.Option(help="Number of simulated tests per design.", min=1)] = 6,
    top: Annotated[int, typer.Option(help="Number of designs to list.", min=1)] = 10,
    unit: Unit = None,
    period: PeriodColumn = None,
    missing: Gaps = Missing.refuse,
    seed: Seed = 0,
    out: Out = None,
) -> None:
    """Choose shops or regions and a length for a test, from history without a test."""
    with clear_errors():
        from analytics.lift import read_panel
        from analytics.lift.design import recommend, select_markets

        check_suffix(out)
        table = read_panel(panel, metric=metric, unit=unit, period=period, missing=missing.value)
        designs = select_markets(
            table,
            numbers("--treat", treat),
            numbers("--duration", duration),
            method=one_method(method),
            include=unit_names("--include", include or [], table.units),
            exclude=unit_names("--exclude", exclude or [], table.units),
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
                else f"[yellow]![/yellow] no design detects {effect:+.1%}:"
                " test longer, or treat more units"
            )
        if out:
            records = [
                vars(item) | {"spend": item.spend(iroas) if iroas else None} for item in designs
            ]
            write(
                out,
                records,
                [{k: v for k, v in r.items() if "thresholds" not in k} for r in records],
            )


def ab_command(
    data: Annotated[
        Path, typer.Option(help="File of the data, .csv or .parquet: a row per randomised unit.")
    ],
    metric: Metric = "value",
    variant: Annotated[str, typer.Option(help="Column that names the variant.")] = "variant",
    control: Annotated[str, typer.Option(help="Variant to compare with.")] = "control",
    before: Annotated[
        str | None, typer.Option(help="Column of the metric before the test, for CUPED.")
    ] = None,
    shares: Annotated[
        str | None,
        typer.Option(
            help="Planned shares, such as control=0.5,coupon=0.5; by default equal shares."
        ),
    ] = None,
    level: Annotated[
        float, typer.Option(help="Confidence level of the intervals.", min=0.5, max=0.999)
    ] = 0.95,
    seed: Seed = 0,
    out: Out = None,
) -> None:
    """Compare variants of a coupon or campaign that were drawn at random."""
    with clear_errors():
        from analytics.lift.ab import SRM_ALPHA
        from analytics.lift.ab_table import compare

        check_suffix(out)
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


def one_method(method: Method) -> Literal["did", "synth", "tbr"]:
    """The library's name of a method. Raises InputError for all of them."""
    from analytics.lift import METHODS

    for name in METHODS:
        if name == method.value:
            return name
    raise InputError(f"--method {method.value}: choose one of {', '.join(METHODS)}")


def unit_names(option: str, values: list[str], known: Collection[str]) -> list[str]:
    """The units that an option names, given once or several times: a value that is a unit's name is
    that unit; any other lists units, separated by commas, with quotes around a name that has one.

    Raises InputError for a value that is a unit's name and a list of units.
    """
    found: list[str] = []
    for value in values:
        parts = next(csv.reader([value.replace("\n", " ")], skipinitialspace=True), [])
        listed = [name.strip() for name in parts if name.strip()]
        if value.strip() in known and listed != [value.strip()]:
            if all(name in known for name in listed):
                raise InputError(
                    f"{option} {value} is one unit and a list of units: write '\"{value}\"' for the"
                    f" one, or {option} for each of the list"
                )
            listed = [value.strip()]
        found += listed
    return found


def names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def numbers(option: str, text: str) -> list[int]:
    try:
        return [int(name) for name in names(text)]
    except ValueError:
        raise InputError(f"{option} {text}: give whole numbers, separated by commas") from None


def planned(text: str) -> dict[str, float]:
    try:
        pairs = [name.rsplit("=", 1) for name in names(text)]
        return {name: float(share) for name, share in pairs}
    except ValueError:
        raise InputError(f"--shares {text}: write control=0.5,coupon=0.5") from None
