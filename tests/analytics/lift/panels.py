"""Panels for the tests: small ones made here, and public ones with printed results."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from analytics.lift.experiment import Experiment
from analytics.lift.panel import Floats, Panel, as_period

DATA = Path(__file__).parent / "data"


def panel(value: object, spend: object = None) -> Panel:
    """Units a, b, c … and periods 1, 2, 3 … of a nested list or matrix."""
    matrix = np.asarray(value, dtype=np.float64)
    units = tuple(f"u{row:02d}" for row in range(len(matrix)))
    paid = None if spend is None else np.asarray(spend, dtype=np.float64)
    return Panel(units, tuple(range(1, matrix.shape[1] + 1)), matrix, paid)


def public(name: str) -> Panel:
    """One of the wide files under ``data/``."""
    with (DATA / name).open(encoding="utf-8") as file:
        (_, *periods), *rows = csv.reader(file)
    rows.sort()
    value = np.array([[float(cell) for cell in row[1:]] for row in rows])
    return Panel(tuple(row[0] for row in rows), tuple(as_period(p) for p in periods), value)


def noisy(seed: int, units: int = 12, periods: int = 40, noise: float = 0.03) -> Panel:
    """Shops of different size with weekly seasonality, a common trend and noise of their own."""
    random = np.random.default_rng(seed)
    size = random.lognormal(6, 0.4, (units, 1))
    time = np.arange(periods)
    common = 1 + 0.2 * np.sin(2 * np.pi * time / 7) + 0.1 * time / periods
    return panel(size * common * np.exp(random.normal(0, noise, (units, periods))))


def experiment(table: Panel, treated: list[int], pre: int) -> Experiment:
    rows = np.array(treated, dtype=np.intp)
    return Experiment(table, rows, np.setdiff1d(np.arange(len(table.units)), rows), pre)


def added(table: Panel, rows: list[int], pre: int, effect: float) -> Floats:
    """The values with an effect per period added to these units from column ``pre`` on."""
    value = table.value.copy()
    value[rows, pre:] += effect
    return value
