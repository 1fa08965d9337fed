"""The company's plan of experiments, read in.

The plan is a table that marketing keeps (CSV: a file, or the address of a published sheet, named in
the company's configuration or by ``O2O_EXPERIMENTS``), one row per experiment and unit:

============= ====================================================================
experiment_id any text
channel       the channel that was tested, as in ``fct_attribution``
design        ``holdout``: its ads rested in these units; ``test``: they ran only there
unit_type     ``region`` (ISO 3166-2, DE-BY) or ``store`` (a store_id)
unit_id       the region or store
start_date    first day, 2026-03-01
end_date      last day
campaign_id   optional: the one campaign of the channel that was tested
============= ====================================================================
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import requests

from o2o import company
from o2o.errors import O2OError

SETTING = "O2O_EXPERIMENTS"
COLUMNS = (
    "experiment_id", "channel", "design", "unit_type", "unit_id", "start_date", "end_date",
)  # fmt: skip
ALLOWED = {"design": ("holdout", "test"), "unit_type": ("region", "store")}


class PlanError(O2OError):
    """The plan cannot be read; the message says where and what to do."""


class PlanOutOfReach(PlanError):
    """Whoever serves the plan does not answer now; later may be better."""


def read_plan(place: str, setting: str = SETTING) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of the plan under their keys; ``setting`` is where its place is named.

    Raises ``PlanError``, or ``PlanOutOfReach``.
    """
    rows = csv.DictReader(io.StringIO(_fetch(place, setting)))
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise PlanError(
            f"{setting}: {place} has no column {', '.join(missing)}; an experiment needs"
            f" {', '.join(COLUMNS)}"
        )
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, start=2):
        cells = {name: (row[name] or "").strip() for name in COLUMNS}
        where = f"{setting}: {place}, line {number}"
        for name, value in cells.items():
            if not value:
                raise PlanError(f"{where} has no {name}")
            if value not in ALLOWED.get(name, (value,)):
                raise PlanError(f"{where}: {name} is {' or '.join(ALLOWED[name])}, not {value!r}")
        start, end = (_day(cells[name], name, where) for name in ("start_date", "end_date"))
        if end < start:
            raise PlanError(f"{where}: the experiment ends on {end}, before it starts on {start}")
        key = f"{cells['experiment_id']}|{cells['unit_id']}"
        if key in seen:
            raise PlanError(f"{where}: the same experiment and unit stand in line {seen[key]}")
        seen[key] = number
        yield key, {**cells, "campaign_id": (row.get("campaign_id") or "").strip() or None}


def _fetch(place: str, setting: str) -> str:
    try:
        if place.startswith(("http://", "https://")):
            answer = requests.get(place, timeout=60)
            answer.raise_for_status()
            return answer.content.decode("utf-8-sig")
        return Path(place).read_text(encoding="utf-8-sig")
    except (requests.ConnectionError, requests.Timeout) as error:
        raise PlanOutOfReach(f"{setting}: {place} does not answer: {error}") from error
    except (OSError, UnicodeDecodeError) as error:  # requests' other errors are OSErrors
        raise PlanError(f"{setting}: {place} cannot be read: {error}") from error


def _day(text: str, name: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise PlanError(f"{where}: {name} is a day such as 2026-03-01, not {text!r}") from None


def is_planned() -> bool:
    """Whether this installation names a plan."""
    return bool(company.load().experiments)


def plan() -> list[tuple[str, dict[str, Any]]]:
    """The rows of the plan that this installation names. Raises as ``read_plan`` does."""
    ours = company.load()
    return list(read_plan(ours.experiments, ours.origin("experiments")))
