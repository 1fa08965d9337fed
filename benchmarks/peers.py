"""One attribution library over journeys, timed, in the environment of that library.

``python peers.py <tool> <form> <folder>`` prints one JSON object: CPU and wall seconds of each
step, peak memory in bytes, and the credit by channel of some models. ``form`` is ``journeys`` (one
row each) or ``paths`` (like journeys together).
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

found: dict[str, Any] = {"steps": {}, "models": {}, "credit": {}}


def timed(step: str, work: Callable[[], Any], models: int = 1) -> Any:
    wall, cpu = time.perf_counter(), time.process_time()
    done = work()
    found["steps"][step] = (time.process_time() - cpu, time.perf_counter() - wall)
    found["models"][step] = models
    return done


def this_project(form: str, folder: Path) -> None:
    import pyarrow.parquet as pq

    from analytics.attribution import heuristics, journeys, markov, models, shapley

    def prepare() -> Any:
        columns = ["channels", "conversions", "nulls", *(["ages"] if form == "journeys" else [])]
        table = pq.read_table(
            folder / f"{form}.parquet", columns=columns, read_dictionary=["channels.list.element"]
        )
        return journeys.from_lists(
            table["channels"].combine_chunks(),
            table["conversions"],
            nulls=table["nulls"],
            ages=table["ages"].combine_chunks().flatten() if form == "journeys" else None,
        )

    rules = [r for r in heuristics.RULES if form == "journeys" or r.kind != "time_decay"]
    found_journeys = timed("prepare", prepare)

    def answers(names: list[str]) -> None:
        anew = replace(found_journeys)  # which has kept nothing from the step before
        for name in names:
            models.answer(name, anew)

    timed("first, last, linear", lambda: answers(["first", "last", "linear"]), 3)
    timed("all heuristics", lambda: answers([rule.name for rule in rules]), len(rules))
    timed("markov", lambda: markov.removal_effects(markov.chain(replace(found_journeys), 1)))
    timed("shapley", lambda: shapley.credit(shapley.games(replace(found_journeys))))
    for name in ("linear", "markov_1", "shapley"):
        told = models.answer(name, found_journeys)
        found["credit"][name] = dict(
            zip(found_journeys.channels, told.conversions.tolist(), strict=True)
        )


def channel_attribution(form: str, folder: Path) -> None:
    import ChannelAttribution
    import pandas as pd  # type: ignore[import-untyped]

    def prepare() -> Any:
        table = pd.read_parquet(
            folder / f"{form}.parquet", columns=["path", "conversions", "nulls"]
        )
        return table.astype({"conversions": "float64", "nulls": "float64"})

    table = timed("prepare", prepare)
    credit = timed(
        "first, last, linear",
        lambda: ChannelAttribution.heuristic_models(table, "path", "conversions", flg_pro=False),
        3,
    )
    # It has no others.
    found["steps"]["all heuristics"] = found["steps"]["first, last, linear"]
    found["models"]["all heuristics"] = 3
    found["credit"]["linear"] = dict(
        zip(credit["channel_name"], credit.filter(like="linear").iloc[:, 0], strict=True)
    )
    credit = timed(
        "markov",
        lambda: ChannelAttribution.markov_model(
            table, "path", "conversions", var_null="nulls", order=1, flg_pro=False, verbose=False
        ),
    )
    credit = credit["result"] if isinstance(credit, dict) else credit
    found["credit"]["markov_1"] = dict(
        zip(credit["channel_name"], credit["total_conversions"], strict=True)
    )


def marketing_attribution_models(form: str, folder: Path) -> None:
    import polars as pl
    from mam.core import MAM

    def prepare() -> Any:
        table = pl.read_parquet(folder / f"{form}.parquet")
        if form == "journeys":
            table = table.with_row_index("journey_id").with_columns(pl.col("conversions") > 0)
            return MAM(
                table, "journey", "path", "conversions", user_id_colname="journey_id",
                time_till_conv_colname="hours",
            )  # fmt: skip
        both = [
            table.select("path", converted=pl.lit(is_converted), occurrences=pl.col(column))
            for is_converted, column in ((True, "conversions"), (False, "nulls"))
        ]
        table = pl.concat(both).filter(pl.col("occurrences") > 0)
        return MAM(table, "grouped_journey", "path", "converted", occurrences_colname="occurrences")

    mam = timed("prepare", prepare)
    runs = [mam.run_first_click, mam.run_last_click, mam.run_linear, mam.run_position_based]
    if form == "journeys":
        runs.append(mam.run_time_decay)
    timed("all heuristics", lambda: [run() for run in runs], len(runs))
    timed("first, last, linear", lambda: [run() for run in runs[:3]], 3)
    timed("markov", mam.run_markov)
    timed("shapley", lambda: mam.run_shapley(max_size=None))
    for name, run in (
        ("linear", mam.run_linear),
        ("shapley", lambda: mam.run_shapley(max_size=None)),
    ):
        table = run().to_polars()
        found["credit"][name] = dict(zip(table["channels"], table["attribution"], strict=True))
    effects = mam.run_markov().metadata["removal_effect"]["removal_effect"]
    total = sum(found["credit"]["linear"].values())
    found["credit"]["markov_1"] = {
        name: effect / effects.sum() * total for name, effect in effects.items()
    }


if __name__ == "__main__":
    tool, form, folder = sys.argv[1:]
    globals()[tool](form, Path(folder))
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(found))
