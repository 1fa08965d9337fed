"""The step between two phases of a build: channel paths in, weights of the channels out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics.attribution import journeys as reading
from analytics.attribution.bootstrap import bootstrap
from analytics.attribution.journeys import Journeys
from analytics.attribution.models import SOLVED, answer

SEPARATOR = " > "  # as int_attribution__channel_paths joins them
REPLICATES = 30
SEED = 20_26

INPUT = pa.schema(
    [
        ("conversion_type", pa.string()),
        ("channel_path", pa.string()),
        ("is_converted", pa.bool_()),
        ("journey_count", pa.int64()),
        ("value_reporting_minor", pa.int64()),
    ]
)
OUTPUT = pa.schema(
    [
        pa.field("conversion_type", pa.string(), False),
        pa.field("attribution_model", pa.string(), False),
        pa.field("channel", pa.string(), False),
        pa.field("weight", pa.float64(), False),
        pa.field("weight_standard_error", pa.float64(), False),
        pa.field("removal_effect", pa.float64()),
        pa.field("is_sampled", pa.bool_(), False),
        pa.field("is_negative", pa.bool_(), False),
    ]
)


def solve(
    paths: pa.Table, replicates: int = REPLICATES, models: Sequence[str] = SOLVED
) -> pa.Table:
    """Weights by conversion type, model and channel.

    ``paths`` has the columns of ``INPUT``: one row per conversion type, channel path and outcome.
    The answer has those of ``OUTPUT``: ``weight`` is the channel's share of all credit, at least 0
    and, over the channels of a type and model, 1 in sum; ``weight_standard_error`` comes from
    ``replicates`` bootstrap samples and, where the model was sampled, from that as well. Types
    without a conversion have no rows. The same rows in any order give the same answer, to the
    digit. Raises ``InputError``.
    """
    columns = [pc.cast(paths[name], INPUT.field(name).type) for name in INPUT.names]
    table = pa.table(columns, INPUT)
    table = table.sort_by([(name, "ascending") for name in INPUT.names])
    rows: list[dict[str, object]] = []
    for conversion_type in pc.unique(table["conversion_type"]).to_pylist():
        found = journeys_of(table.filter(pc.equal(table["conversion_type"], conversion_type)))
        if not found.conversions.any():
            continue
        spreads = bootstrap(found, models, replicates, SEED) if replicates > 1 else {}
        for model in models:
            told = answer(model, found)
            error = told.sampling_errors / found.conversions.sum()
            if model in spreads:
                error = np.hypot(error, spreads[model].weights.std(axis=0, ddof=1))
            for place, channel in enumerate(found.channels):
                effects = told.removal_effects
                rows.append(
                    {
                        "conversion_type": conversion_type,
                        "attribution_model": model,
                        "channel": channel,
                        "weight": round(float(told.weights[place]), 12),
                        "weight_standard_error": round(float(error[place]), 12),
                        "removal_effect": (
                            None if effects is None else round(float(effects[place]), 12)
                        ),
                        "is_sampled": bool(told.sampling_errors.any()),
                        "is_negative": bool(told.is_negative[place]),
                    }
                )
    return pa.Table.from_pylist(rows, OUTPUT)


def journeys_of(table: pa.Table) -> Journeys:
    """The journeys of one conversion type, of a table with the columns of ``INPUT``."""
    count = pc.cast(table["journey_count"], pa.float64())
    return reading.from_paths(
        pa.table(
            {
                "path": table["channel_path"],
                "conversions": pc.if_else(table["is_converted"], count, 0.0),
                "value": pc.if_else(table["is_converted"], table["value_reporting_minor"], 0),
                "nulls": pc.if_else(table["is_converted"], 0.0, count),
            }
        ),
        SEPARATOR,
    )
