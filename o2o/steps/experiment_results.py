"""What the company's experiments showed (its plan: ``o2o.steps.experiment_plan``)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits

from analytics.errors import InputError
from analytics.lift import METHODS, Panel, estimate
from analytics.lift.joint import Joint, Window, joint, treated
from analytics.lift.panel import read_panel
from analytics.lift.result import Estimate
from analytics.lift.trust import LEAST_R2

if TYPE_CHECKING:
    import pyarrow as pa

    from warehouse.engines.warehouse import Reader

LEAST_DAYS = 7  # of a test that still runs
JOINT = "joint"
# An ad works on for some days after it was seen: so long nothing is compared after a change.
WASHOUT_DAYS = 3
# Textbook intervals that hold the truth in 65-82% of cases, not in 95% (docs/lift.md).
TOO_NARROW = {"posterior", "cluster"}
MOST = 10**12  # what decimal(18, 6) holds
# A counter that was silent so often is left out, rather than all days on which it was.
MOST_SILENT = 0.2


@dataclass
class Trial:
    """One experiment of the plan."""

    experiment_id: str
    channel: str
    design: str
    unit_type: str
    start: date
    end: date
    campaign_id: str | None = None
    units: list[str] = field(default_factory=list)

    @property
    def target(self) -> str:
        """What was tested."""
        return f"{self.channel} {self.campaign_id}" if self.campaign_id else self.channel


def results(reader: Reader) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each experiment by each method on each metric, and each channel's experiments together."""
    rows = reader.query("select * from staging.stg_o2o__experiments").to_pylist()
    trials = trials_of(rows)
    if not trials:
        return
    table = reader.query(
        "select unit_type, unit_id, metric, metric_date, value"
        " from intermediate.int_experiments__panel"
    )
    # So small systems are solved fastest, and always to the same digit, by one thread.
    with threadpool_limits(limits=1):
        for (unit_type, metric), panel in panels(table).items():
            here = [trial for trial in trials if trial.unit_type == unit_type]
            for found in measure(panel, here):
                row = {**found, "unit_type": unit_type, "metric": metric}
                key = (row[part] for part in ("experiment_id", "metric", "method"))
                yield "|".join(map(str, key)), row


def trials_of(rows: Iterable[Mapping[str, Any]]) -> list[Trial]:
    found: dict[str, Trial] = {}
    for row in sorted(rows, key=lambda row: (str(row["experiment_id"]), str(row["unit_id"]))):
        name = row["experiment_id"]
        trial = found.setdefault(
            name,
            Trial(
                name, row["channel"], row["design"], row["unit_type"], row["start_date"],
                row["end_date"], row["campaign_id"],
            ),
        )  # fmt: skip
        trial.units.append(row["unit_id"])
    return list(found.values())


def panels(table: pa.Table) -> dict[tuple[str, str], Panel]:
    """A complete panel for each type of unit and metric. The newest day may not be whole: it is
    left out. A unit that sells nothing has no row; a counter without a row was not there."""
    rows: dict[tuple[str, str], list[tuple[str, date, int]]] = defaultdict(list)
    for row in table.to_pylist():
        rows[row["unit_type"], row["metric"]].append(
            (row["unit_id"], row["metric_date"], row["value"])
        )
    found = {}
    for (unit_type, metric), cells in sorted(rows.items()):
        newest = max(day for _, day, _ in cells)
        kept = [cell for cell in cells if cell[1] < newest]
        notes: list[str] = []
        if metric == "footfall":
            kept, notes = _counted(kept)
        if not kept:
            continue
        unit, period, value = zip(*kept, strict=True)
        panel = read_panel(
            {"unit": list(unit), "period": list(period), metric: [float(v) for v in value]},
            metric=metric,
            missing="zero",
        )
        found[unit_type, metric] = Panel(
            panel.units, panel.periods, panel.value, None, metric, tuple(notes)
        )
    return found


def _counted(
    cells: list[tuple[str, date, int]],
) -> tuple[list[tuple[str, date, int]], list[str]]:
    """Units and days without a gap."""
    days = {day for _, day, _ in cells}
    by_unit: dict[str, set[date]] = defaultdict(set)
    for unit, day, _ in cells:
        by_unit[unit].add(day)
    silent = {unit for unit, seen in by_unit.items() if 1 - len(seen) / len(days) > MOST_SILENT}
    whole = set(days)
    for unit, seen in by_unit.items():
        if unit not in silent:
            whole &= seen
    notes = [f"{unit}: the counter was silent too often" for unit in sorted(silent)]
    if len(whole) < len(days):
        notes.append(f"{len(days) - len(whole)} days on which a counter was silent are left out")
    return [c for c in cells if c[0] not in silent and c[1] in whole], notes


def measure(panel: Panel, trials: list[Trial]) -> Iterator[dict[str, Any]]:
    """What one metric's panel shows. An experiment that cannot be measured (yet) has no row."""
    running = []
    for trial in trials:
        units = [unit for unit in trial.units if unit in panel.units]
        days = [day for day in panel.periods if trial.start <= day <= trial.end]  # type: ignore[operator]
        if units and len(days) >= LEAST_DAYS:
            running.append((trial, units))
    windows: dict[tuple[str, str], list[Window]] = defaultdict(list)
    for trial, units in running:
        windows[trial.design, trial.target].append(Window(tuple(units), trial.start, trial.end))
    designs = {design for design, _ in windows}
    together = {design: _joint(panel, windows, design) for design in sorted(designs)}
    for trial, units in running:
        others = [other for other, _ in running if other is not trial]
        alone = _alone(panel, windows, trial, together)
        for method in METHODS:
            yield _single(alone, trial, units, others, method)
    for design, found in together.items():
        yield from _together(panel, found, design, [trial for trial, _ in running])


def _joint(
    panel: Panel, windows: Mapping[tuple[str, str], list[Window]], design: str
) -> dict[str, Joint | InputError]:
    """All experiments of a design in one model: each target's effect, or why there is none."""
    mine = {target: windows[key, target] for key, target in windows if key == design}
    try:
        return dict(joint(panel, mine, holdout=design == "holdout", washout=WASHOUT_DAYS))
    except InputError as error:
        return dict.fromkeys(mine, error)


def _alone(
    panel: Panel,
    windows: Mapping[tuple[str, str], list[Window]],
    trial: Trial,
    together: Mapping[str, Mapping[str, Joint | InputError]],
) -> Panel:
    """The panel as if nothing but what ``trial`` tested had been tested: what the others did, as
    measured together, is taken out. An experiment alone has no means of telling them apart."""
    value, known, unknown = panel.value.copy(), [], []
    for (design, target), periods in windows.items():
        found = together[design][target]
        if target == trial.target:
            continue
        if isinstance(found, InputError):
            unknown.append(target)
            continue
        known.append(target)
        value[treated(panel, target, periods) > 0] /= np.exp(found.log_effect)
    notes = [*panel.notes]
    if known:
        notes.append(f"taken out, as measured together: {', '.join(sorted({*known}))}")
    if unknown:
        notes.append(f"not told apart from tests of {', '.join(sorted({*unknown}))}")
    return replace(panel, value=value, notes=tuple(notes))


def _single(
    panel: Panel, trial: Trial, units: list[str], others: list[Trial], method: Any
) -> dict[str, Any]:
    """One experiment by itself: its controls never felt the same treatment before or meanwhile.
    Where it cannot be measured the notes say why."""
    felt = {
        unit
        for other in others
        if other.target == trial.target and other.start <= trial.end
        for unit in other.units
    }
    controls = [unit for unit in panel.units if unit not in felt and unit not in units]
    # A test that still runs is measured as far as it has come.
    last: Any = panel.periods[-1]
    clean = [unit for unit in units if unit not in felt]
    row = {
        "experiment_id": trial.experiment_id,
        "channel": trial.channel,
        "campaign_id": trial.campaign_id,
        "design": trial.design,
        "method": method,
        "start_date": str(trial.start),
        "end_date": str(trial.end),
        "treated_units": ", ".join(clean),
        "control_count": len(controls),
    }
    try:
        found = estimate(
            method, panel, clean, trial.start, min(trial.end, last), controls=controls,
            metric=panel.metric, holdout=trial.design == "holdout",
        )  # fmt: skip
    except InputError as error:
        return {**row, "notes": f"not measured: {error}"}
    if found.inference in TOO_NARROW:
        return {**row, "notes": f"not measured: {found.warnings[0]}, which are too narrow"}
    if method == "tbr" and found.fit.r2 < LEAST_R2:
        # Where the controls' total is mostly chance its slope is diluted, and what it expects of
        # the treated stays behind the season: intervals held the truth in 89% of such worlds.
        explained = f"{max(found.fit.r2, 0):.0%} of the days before"
        return {**row, "notes": f"not measured: the regression explains {explained}"}
    notes = [*dict.fromkeys([*found.warnings, *panel.notes])]
    if left := [unit for unit in units if unit in felt]:
        notes.append(f"left out, as {trial.target} was tested there before: {', '.join(left)}")
    return {
        **row,
        "end_date": str(found.end),
        "day_count": found.periods,
        **_numbers(found),
        "inference": found.inference,
        "notes": "; ".join(notes),
        # One picture per experiment: the method that leads (docs/lift.md).
        "series": list(_series(found)) if method == "synth" else None,
    }


def _numbers(found: Estimate) -> dict[str, str | None]:
    total, relative = found.interval(0.95), found.interval(0.95, "relative")
    return {
        "effect": _decimal(found.total),
        "effect_low": _decimal(total.low),
        "effect_high": _decimal(total.high),
        "relative_effect": _decimal(found.relative),
        "relative_low": _decimal(relative.low),
        "relative_high": _decimal(relative.high),
        "p_value": _decimal(found.p_value),
        "placebo_p": None if found.placebo_p is None else _decimal(found.placebo_p),
        "fit_r2": _decimal(found.fit.r2),
    }


def _series(found: Estimate) -> Iterator[dict[str, str | None]]:
    series = found.series
    for place, day in enumerate(series.periods):
        tested = place - series.pre
        yield {
            "day": str(day),
            "observed": _decimal(series.observed[place]),
            "expected": _decimal(series.counterfactual[place]),
            "margin": _decimal(series.effect_margin[tested]) if tested >= 0 else None,
        }


def _together(
    panel: Panel, pooled: Mapping[str, Joint | InputError], design: str, trials: list[Trial]
) -> Iterator[dict[str, Any]]:
    """A row per channel or campaign: its experiments of a design, read together."""
    for target, found in pooled.items():
        mine = [trial for trial in trials if trial.target == target and trial.design == design]
        units = {unit for trial in mine for unit in trial.units}
        row = {
            "experiment_id": f"{target} · all {mine[0].unit_type} {design}s",
            "channel": mine[0].channel,
            "campaign_id": mine[0].campaign_id,
            "design": design,
            "method": JOINT,
            "start_date": str(min(trial.start for trial in mine)),
            "end_date": str(max(trial.end for trial in mine)),
            "treated_units": ", ".join(sorted(units)),
            "control_count": len({*panel.units} - units),
        }
        if isinstance(found, InputError):
            yield {**row, "notes": f"not measured: {found}"}
            continue
        share = found.interval()
        yield {
            **row,
            "end_date": str(found.end),
            "day_count": sum(found.start <= day <= found.end for day in panel.periods),  # type: ignore[operator]
            "effect": _decimal(found.incremental),
            "effect_low": _decimal(share.low * found.exposed),
            "effect_high": _decimal(share.high * found.exposed),
            "relative_effect": _decimal(_relative(found.share)),
            "relative_low": _decimal(_relative(share.low)),
            "relative_high": _decimal(_relative(share.high)),
            "p_value": _decimal(found.p_value),
            "incremental_share": _decimal(found.incremental / found.total),
            "share_low": _decimal(share.low * found.exposed / found.total),
            "share_high": _decimal(share.high * found.exposed / found.total),
            "advertised_share": _decimal(found.share),
            "advertised_low": _decimal(share.low),
            "advertised_high": _decimal(share.high),
            "inference": f"t with {found.degrees} degrees of freedom",
            "notes": "; ".join(panel.notes),
        }


def _relative(share: float) -> float:
    """From a part of the sales with ads to a surplus over the sales without."""
    return share / (1 - share) if share < 1 else np.inf


def _decimal(value: float) -> str | None:
    """None where there is no number, as at an open end of an interval, or one that no column of
    the warehouse holds, which an interval over few sales has for an end."""
    return f"{value:.6f}" if abs(value) < MOST else None
