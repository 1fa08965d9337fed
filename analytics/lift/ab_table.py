"""A whole A/B test out of one table: every variant against the control."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics.errors import InputError
from analytics.lift.ab import (
    RESAMPLES,
    Comparison,
    cuped,
    means,
    proportions,
    sample_ratio,
    with_holm,
)
from analytics.lift.panel import Floats, read_table


def compare(
    data: Any,
    *,
    variant: str = "variant",
    metric: str = "value",
    control: str = "control",
    before: str | None = None,
    shares: Mapping[str, float] | None = None,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[list[Comparison], float]:
    """All variants against the control, p-values with Holm; and the p-value of the sample ratio.

    Args:
        data: path or table with a row per randomised unit: its variant, its metric, and for CUPED
            (``before``) the same metric before the test. A metric of only 0 and 1 (or booleans) is
            compared as rates, unless there is ``before``; all else as means.
        shares: planned share of units per variant; default: equal.

    Raises InputError: a column or the control is missing, a value is missing, fewer than two
    variants.
    """
    table = read_table(data)
    for name in filter(None, (variant, metric, before)):
        if name not in table.column_names:
            raise InputError(f"no column {name!r}; there are {', '.join(table.column_names)}")
        if table[name].null_count:
            raise InputError(f"column {name!r}: {table[name].null_count:,} rows have no value")
    labels = np.array([str(value) for value in table[variant].to_pylist()], dtype=object)
    arms = sorted(set(labels.tolist()))
    if control not in arms:
        raise InputError(f"no row is of the control {control!r}; there are {', '.join(arms)}")
    if len(arms) < 2:
        raise InputError("there is nothing to compare: all rows are of the control")
    values = _numbers(table, metric)
    past = _numbers(table, before) if before else None
    rows = {arm: np.flatnonzero(labels == arm) for arm in arms}
    is_rate = past is None and bool(np.isin(values, (0.0, 1.0)).all())
    zero = rows[control]
    found = []
    for arm in arms:
        if arm == control:
            continue
        one, both = rows[arm], (control, arm)
        if is_rate:
            counts = [(int(values[part].sum()), len(part)) for part in (zero, one)]
            found.append(proportions(counts[0], counts[1], level, both))
        elif past is None:
            found.append(means(values[zero], values[one], level, both, resamples, seed))
        else:
            found.append(
                cuped(
                    values[zero], values[one], past[zero], past[one], level, both, resamples, seed
                )
            )
    return with_holm(found), sample_ratio({arm: len(rows[arm]) for arm in arms}, shares)


def _numbers(table: pa.Table, name: str) -> Floats:
    column = table[name]
    if pa.types.is_boolean(column.type):
        column = pc.cast(column, pa.int8())
    try:
        return np.asarray(pc.cast(column, pa.float64(), safe=False).to_numpy(), dtype=np.float64)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise InputError(f"column {name!r} holds {column.type}, not numbers") from None
