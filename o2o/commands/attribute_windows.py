"""The look-back windows that `o2o attribute` goes by."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import duckdb
import numpy as np

from analytics.attribution.touches import Windows
from analytics.errors import InputError
from o2o.commands.contract import Column, read
from o2o.commands.table_file import open_table
from o2o.pipeline import project

SEEDS = project.PROJECT_DIR / "seeds"
DAY, HOUR = 86_400_000_000, 3_600_000_000  # in microseconds
NO_LIMIT_DAYS = 36_500

WINDOWS = (
    Column("conversion_type", "text", False, "*"),
    Column("touch_type", "text", False, "*"),
    Column("lookback_days", "whole", least=0),
    Column("minimum_age_hours", "whole", False, 0, least=0),
)


def choose_windows(
    con: duckdb.DuckDBPyConnection, path: Path | None, has_types: bool,
    kinds: Sequence[str], touch_types: Sequence[str],
) -> tuple[Windows, list[str]]:  # fmt: skip
    """A window for each pair of types, by the most precise row that names it."""
    notes = []
    if path:
        rows = read(open_table(con, "windows", path), "windows", WINDOWS).to_pylist()
    elif has_types:
        with (SEEDS / "attribution_windows.csv").open(encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
    else:
        rows = [{"conversion_type": "*", "touch_type": "*", "lookback_days": NO_LIMIT_DAYS,
                 "minimum_age_hours": 0}]  # fmt: skip
        notes.append(
            "The tables do not say conversion_type and touch_type, so every touch before a"
            " conversion counts; --windows sets limits"
        )
    known: dict[tuple[str, str], tuple[int, int]] = {}
    for row in rows:
        pair = row["conversion_type"], row["touch_type"]
        if pair in known:
            raise InputError(f"{path}: there are two windows for {' and '.join(pair)}: keep one")
        # Further back than anybody remembers is as good as without a limit.
        longest = min(int(row["lookback_days"]), 100 * NO_LIMIT_DAYS) * DAY
        known[pair] = (min(int(row["minimum_age_hours"]), 2400 * NO_LIMIT_DAYS) * HOUR, longest)
    shape = (len(kinds), len(touch_types))
    limits = Windows(np.zeros(shape, dtype=np.int64), np.full(shape, -1, dtype=np.int64))
    unreached = []
    for i, j in product(range(shape[0]), range(shape[1])):
        kind, touch = kinds[i], touch_types[j]
        for pair in ((kind, touch), (kind, "*"), ("*", touch), ("*", "*")):
            if pair in known:
                limits.shortest[i, j], limits.longest[i, j] = known[pair]
                break
        else:
            unreached.append(f"{kind} and {touch}")
    if len(unreached) == shape[0] * shape[1]:
        raise InputError(
            f"No look-back window fits {'; '.join(unreached[:5])}: give --windows with a row for"
            " them (`*` stands for any type), or leave the columns of types out"
        )
    if unreached:
        notes.append("No look-back window, and so no credit, for " + "; ".join(unreached))
    return limits, notes
