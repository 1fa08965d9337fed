"""``python -m benchmarks.attribution``: attribution models beside two libraries, and at size.

Every figure is of a process of its own, in CPU seconds, because other work may share the machine.
The libraries live in an environment of theirs (``make peers``). Each tool gets journeys in the form
that it likes best, and its models are timed from there; reading and preparing stand apart.
"""

# Queries are put together from this module's own constants and folders.
# ruff: noqa: S608

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import duckdb
import numpy as np
import pyarrow as pa
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

CHANNELS = {
    "paid_search": 0.20, "organic_search": 0.15, "direct": 0.14, "paid_social": 0.12,
    "email": 0.11, "shopping": 0.10, "display": 0.08, "video": 0.05, "referral": 0.03,
    "affiliate": 0.02,
}  # fmt: skip
MEAN_TOUCHES, MOST_TOUCHES = 4.5, 40
CONVERTING = 0.3
STEPS = ("prepare", "first, last, linear", "all heuristics", "markov", "shapley")
console = Console(width=120)


def make_journeys(folder: Path, count: int) -> None:
    """``journeys.parquet`` (one row each, with the hours of its touches before its end) and
    ``paths.parquet`` (like journeys together), both with names joined and as lists."""
    random = np.random.default_rng(7)
    lengths = np.minimum(random.geometric(1 / MEAN_TOUCHES, count), MOST_TOUCHES)
    touches = int(lengths.sum())
    codes = random.choice(len(CHANNELS), touches, p=list(CHANNELS.values())).astype(np.int8)
    # People come back the way they came, now and then.
    again = random.random(touches) < 0.4
    codes[1:][again[1:]] = codes[:-1][again[1:]]
    hours = random.integers(1, 30 * 24, touches)
    converted = random.random(count) < CONVERTING
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    names = pa.DictionaryArray.from_arrays(codes, list(CHANNELS)).cast(pa.string())
    with duckdb.connect() as con:
        con.register(
            "drawn",
            pa.table(
                {
                    "channels": pa.ListArray.from_arrays(offsets, names),
                    "drawn_hours": pa.ListArray.from_arrays(offsets, pa.array(hours)),
                    "conversions": converted.astype(np.int64),
                    "nulls": (~converted).astype(np.int64),
                }
            ),
        )
        con.execute(
            f"""copy (
                select list_transform(list_reverse_sort(drawn_hours), h -> h / 24) as ages,
                    array_to_string(channels, ' > ') as path, channels, conversions, nulls,
                    array_to_string(
                        list_transform(list_reverse_sort(drawn_hours), h -> h::varchar), ' > '
                    ) as hours
                from drawn
            ) to '{folder}/journeys.parquet'"""
        )
        con.execute(
            f"""copy (
                select path, any_value(channels) as channels,
                    sum(conversions)::bigint as conversions, sum(nulls)::bigint as nulls
                from '{folder}/journeys.parquet' group by path order by path
            ) to '{folder}/paths.parquet'"""
        )


def make_tables(folder: Path, count: int) -> None:
    """Touchpoints and conversions of as many journeys, as `o2o attribute` takes them."""
    names = ", ".join(f"'{name}'" for name in CHANNELS)
    with duckdb.connect() as con:
        con.execute("set preserve_insertion_order = false")
        con.execute(
            f"""copy (
                select 't' || i || '-' || k as touchpoint_id, 'p' || i as customer_id,
                    timestamp '2026-01-31' - to_hours((hash(i, k) % 700)::int + 1) as touched_at,
                    [{names}][1 + (hash(k, i) % 10)::int] as channel, 'paid_click' as touch_type
                from (
                    select i, unnest(range(least({MOST_TOUCHES},
                        1 + floor(ln(1 - (hash(i) % 1000000) / 1e6) / ln(1 - 1 / {MEAN_TOUCHES}))
                    )::bigint)) as k
                    from range({count}) as journeys (i)
                )
            ) to '{folder}/touchpoints.parquet'"""
        )
        con.execute(
            f"""copy (
                select 'c' || i as conversion_id, 'p' || i as customer_id,
                    timestamp '2026-01-31' as converted_at, 'web_order' as conversion_type,
                    100 + (hash(i) % 20000)::bigint as value_minor, 'EUR' as currency_code
                from range({count}) as journeys (i)
                where hash(i + 1) % 1000 < {int(CONVERTING * 1000)}
            ) to '{folder}/conversions.parquet'"""
        )


def tables(models: str, folder: Path) -> dict[str, Any]:
    """`o2o attribute` without its output file: exact credit per touch, summed by channel."""
    from o2o.commands.attribute_tables import attribute

    chosen = [] if models == "all" else models.split(",")
    wall, cpu = time.perf_counter(), time.process_time()
    found = attribute(folder / "touchpoints.parquet", folder / "conversions.parquet", chosen=chosen)
    credited = sum(share for *_, share, _ in found.summary)
    if round(credited) != found.conversions * len(found.models):
        raise AssertionError(f"{credited} conversions are credited, not {found.conversions} each")
    steps = {"all": (time.process_time() - cpu, time.perf_counter() - wall)}
    return {"steps": steps, "models": {"all": len(found.models)}}


def run(command: list[str]) -> dict[str, Any]:
    """What a measured process printed last; raises with what it said if it failed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measured(task: str, argument: str, folder: Path) -> dict[str, Any]:
    return run(
        [sys.executable, "-m", "benchmarks.attribution", "task", task, argument, str(folder)]
    )


app = typer.Typer(add_completion=False, no_args_is_help=False, invoke_without_command=True)


@app.command(hidden=True)
def task(name: str, argument: str, folder: Path) -> None:
    """One measured piece of work, in this process."""
    found: dict[str, Any] = {}
    if name == "tables":
        found = tables(argument, folder)
    else:
        {"make_journeys": make_journeys, "make_tables": make_tables}[name](folder, int(argument))
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(found))


@app.callback()
def main(
    context: typer.Context,
    journeys: Annotated[int, typer.Option(help="Journeys of the comparison.")] = 1_000_000,
    large: Annotated[
        int, typer.Option(help="Journeys of `o2o attribute` at size; 11100000 are 50M touches.")
    ] = 0,
    peers: Annotated[Path, typer.Option(help="Python of the libraries' environment.")] = Path(
        ".venv-peers/bin/python"
    ),
    out: Annotated[Path | None, typer.Option(help="Where the figures go, as JSON.")] = None,
) -> None:
    """Time this project's attribution beside two libraries on the same journeys."""
    if context.invoked_subcommand:
        return
    if not peers.exists():
        raise typer.BadParameter(f"there is no {peers}: run `make peers`, or name another --peers")
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="o2o-attribution-") as name:
        folder = Path(name)
        measured("make_journeys", str(journeys), folder)
        # -P: beside the script stands this module, which is called like the library.
        script = Path(__file__).with_name("peers.py")
        tools = {
            "this_project": ("this project", Path(sys.executable)),
            "channel_attribution": ("ChannelAttribution 2.2.5", peers),
            "marketing_attribution_models": ("marketing-attribution-models 2.1.1", peers),
        }
        for form in ("journeys", "paths"):
            results[form] = {
                title: run([str(python), "-P", str(script), tool, form, name])
                for tool, (title, python) in tools.items()
            }
            _compare(form, results[form])
        measured("make_tables", str(journeys), folder)
        rules = "first,last,last_non_direct,linear,position,position_w,position_j,time_decay"
        for models in (rules, "all"):
            results[f"tables {models}"] = found = measured("tables", models, folder)
            _tell(journeys, found)
        if large:
            measured("make_tables", str(large), folder)
            results["large"] = found = measured("tables", "all", folder)
            _tell(large, found)
    if out:
        out.write_text(json.dumps(results, indent=1))


def _compare(form: str, found: dict[str, dict[str, Any]]) -> None:
    """Print CPU seconds, and how many times ours a peer takes."""
    table = Table(title=f"{form}: CPU s (times ours)", box=SIMPLE_HEAD, title_justify="left")
    for column in ("", *STEPS, "peak MB"):
        table.add_column(column, justify="right" if column else "left")
    own = found["this project"]
    for title, figures in found.items():
        cells = []
        for step in STEPS:
            if step not in figures["steps"]:
                cells.append("")
                continue
            cpu, count = figures["steps"][step][0], figures["models"][step]
            text = f"{cpu:.2f}" + (f" for {count}" if "heuristics" in step else "")
            if figures is not own:
                text += f" ({cpu / own['steps'][step][0]:.1f})"
            cells.append(text)
        table.add_row(title, *cells, f"{figures['memory'] / 1e6:,.0f}")
    console.print(table)
    for model in ("linear", "markov_1", "shapley"):
        for title, figures in found.items():
            if figures is own or model not in figures["credit"]:
                continue
            theirs, mine = figures["credit"][model], own["credit"][model]
            total = sum(mine.values())
            apart = max(abs(theirs[name] - mine[name]) for name in mine) / total
            console.print(f"{model}: {title} differs by at most {apart:.2e} of all conversions")


def _tell(count: int, found: dict[str, Any]) -> None:
    cpu, wall = found["steps"]["all"]
    console.print(
        f"o2o attribute, {count:,} journeys, {found['models']['all']} models, exact per touch:"
        f" {cpu:,.1f} CPU s, {wall:,.1f} s, {found['memory'] / 1e6:,.0f} MB",
        highlight=False,
    )


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    app()
