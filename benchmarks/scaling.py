"""``python -m benchmarks.scaling``: what the end-to-end pipeline costs as the retailer grows.

Each stage is the real command in a process of its own, so its CPU time and memory are the kernel's
figures for that stage alone. Worlds differ in the number of people only: same days, same shops.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import duckdb
import psutil
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from connectors.registry import SOURCES
from demo.companies import Company
from demo.vendors import connections
from demo.world import DEFAULT_START
from o2o.pipeline.paths import Paths
from warehouse.landing.zone import Landing

RETAILER = Company()
SAMPLE_SECONDS = 0.25
SLOWEST = 12
console = Console()


@dataclass(frozen=True)
class Stage:
    """What one command cost. Times in seconds, sizes in bytes; ``spill`` is the most DuckDB had
    on disk beside its tables, ``rows`` what was landed."""

    name: str
    wall: float
    cpu: float
    memory: int
    spill: int = 0
    rows: int | None = None


@dataclass
class Growth:
    """All figures of one world: ``disk`` maps a layer to its bytes, ``landed`` a source to rows,
    ``models`` a build to (name, seconds) of its dbt nodes, ``tables`` a table to its rows."""

    persons: int
    days: int
    engine: str
    stages: list[Stage] = field(default_factory=list)
    disk: dict[str, int] = field(default_factory=dict)
    landed: dict[str, int] = field(default_factory=dict)
    models: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    tables: dict[str, int] = field(default_factory=dict)
    failed: str = ""


class StageFailed(Exception):
    """A command ended with an error; the message is what it printed last."""


class Sampler(threading.Thread):
    """Watches a process with all its children, because a JVM's or a worker's share is not in the
    resource usage of the command that started it."""

    def __init__(self, pid: int, spill: Path) -> None:
        super().__init__(daemon=True)
        self.root = psutil.Process(pid)
        self.spill_folder = spill
        self.memory = self.spill = 0
        self.cpu: dict[int, float] = {}
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(SAMPLE_SECONDS):
            resident = 0
            for process in self._family():
                try:
                    times = process.cpu_times()
                    resident += process.memory_info().rss
                except psutil.Error:  # it ended while we looked
                    continue
                self.cpu[process.pid] = times.user + times.system
            self.memory = max(self.memory, resident)
            self.spill = max(self.spill, folder_bytes(self.spill_folder))

    def _family(self) -> list[psutil.Process]:
        try:
            return [self.root, *self.root.children(recursive=True)]
        except psutil.Error:
            return []


def measured(name: str, command: list[str], environment: Mapping[str, str], spill: Path) -> Stage:
    """Run one command to its end and return what it cost. Raises ``StageFailed``."""
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            command, env=dict(environment), stdout=output, stderr=subprocess.STDOUT
        )
        sampler = Sampler(process.pid, spill)
        sampler.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        sampler.ended.set()
        sampler.join()
        if process.returncode:
            output.seek(0)
            raise StageFailed(
                f"{name} ended with code {process.returncode} after {wall:.0f} s:\n"
                + "\n".join(output.read().splitlines()[-25:])
            )
    return Stage(
        name,
        wall=round(wall, 2),
        cpu=round(max(usage.ru_utime + usage.ru_stime, sum(sampler.cpu.values())), 2),
        # The kernel's own peak starts at ours, from the moment between fork and exec.
        memory=sampler.memory or usage.ru_maxrss * 1024,
        spill=sampler.spill,
    )


def _cpu(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


@contextmanager
def served(world: Path, now: datetime) -> Iterator[tuple[str, int]]:
    """The simulated vendors in a process of their own: their base URL and process id."""
    command = [sys.executable, "-m", "demo", "serve", "--world", str(world)]
    with subprocess.Popen(
        [*command, "--now", now.isoformat()], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            url = process.stdout.readline().strip() if process.stdout else ""
            if not url:
                raise StageFailed("the simulator did not start")
            yield url, process.pid
        finally:
            process.terminate()


def grow(growth: Growth, home: Path, together: bool = False) -> Iterator[Growth]:
    """Run the end-to-end pipeline in ``home``; yields after each stage, to watch a long run."""
    paths = Paths(home, str(home / "landing"))
    world = paths.outside_world
    spill = paths.warehouse.with_name(paths.warehouse.name + ".tmp")
    environment = {
        **os.environ,
        "O2O_HOME": str(home),
        "O2O_LANDING_URL": paths.landing_url,
        "O2O_COMPANY": str(RETAILER.folder),
        "O2O_SOURCES": "",
        "O2O_ENGINE": growth.engine,
        "NO_COLOR": "1",
    }

    def stage(name: str, *arguments: str) -> Stage:
        console.log(f"{growth.persons:,} people: {name}")
        return measured(name, [sys.executable, "-m", *arguments], environment, spill)

    if not world.exists():  # with --home, a world that is there already is used again
        make = ["--out", str(world), "--persons", str(growth.persons), "--days", str(growth.days)]
        growth.stages.append(stage("generate the world", "demo", "generate", *make))
    growth.disk["world"] = folder_bytes(world)
    yield growth

    for day, suffix in ((0, ""), (1, ", one day more")):
        now = datetime.combine(
            DEFAULT_START + timedelta(days=growth.days + day), datetime.min.time(), UTC
        )
        with served(world, now) as (url, vendor):
            for source, connection in connections(url, names=RETAILER.connections).items():
                environment[f"AIRFLOW_CONN_O2O_{source.upper()}"] = json.dumps(connection)

            def extract(source: str, suffix: str = suffix, now: datetime = now) -> Stage:
                arguments = ["o2o.cli", "extract", source, "--until", now.isoformat()]
                before = rows_landed(paths, source)
                cost = stage(f"extract {source}{suffix}", *arguments)
                return replace(cost, rows=rows_landed(paths, source) - before)

            began, answering = time.monotonic(), _cpu(vendor)
            with ThreadPoolExecutor(len(RETAILER.connections) if together else 1) as pool:
                for source, cost in zip(
                    RETAILER.connections, pool.map(extract, RETAILER.connections), strict=True
                ):
                    growth.stages.append(cost)
                    growth.landed[source] = growth.landed.get(source, 0) + (cost.rows or 0)
                    yield growth
            wall, answering = time.monotonic() - began, _cpu(vendor) - answering
            growth.stages.append(
                Stage(f"vendors answering{suffix}", round(wall, 2), round(answering, 2), 0)
            )
        build = ["o2o.cli", "build", *([] if day else ["--full-refresh"])]
        for name, command in (
            ("audit landing", ["o2o.cli", "audit", "landing"]),
            ("build", build),
            ("audit marts", ["o2o.cli", "audit", "marts"]),
            ("publish", ["o2o.cli", "publish"]),
        ):
            growth.stages.append(stage(name + suffix, *command))
            if name == "build":
                growth.models[name + suffix] = model_seconds(paths)
            yield growth
        if not day:
            growth.disk |= layers(paths)
            growth.tables = table_rows(paths)
            yield growth


def rows_landed(paths: Paths, source: str) -> int:
    """Rows of all loads of a source, as the loads' footers tell."""
    landing = Landing(paths.landing_url)
    places = [landing.stream(source, stream.name) for stream in SOURCES[source].streams]
    return sum(place.read(load).rows for place in places for load in place.load_ids())


def model_seconds(paths: Paths) -> list[tuple[str, float]]:
    """(name, seconds) of every dbt node of the last build, slowest first."""
    ended = r"\d+ of \d+ .*?([\w.]*\w) \.*\s*\[.* in ([\d.]+)s\]"
    times = re.findall(ended, paths.dbt_log.read_text(encoding="utf-8"))
    return sorted(((name, float(seconds)) for name, seconds in times), key=lambda node: -node[1])


def layers(paths: Paths) -> dict[str, int]:
    """Bytes on disk of each layer: landing by source, warehouse by schema, publication."""
    landing = Path(paths.landing_url)
    found = {f"landing {source}": folder_bytes(landing / source) for source in RETAILER.connections}
    found["landing"] = folder_bytes(landing)
    found["warehouse"] = folder_bytes(paths.warehouse.parent)
    found["published"] = folder_bytes(paths.published.parent)
    if not paths.warehouse.exists():  # an engine that keeps a folder per schema
        for folder in paths.warehouse.parent.glob("*/*.db"):
            found[f"warehouse {folder.stem}"] = folder_bytes(folder)
        return found
    with duckdb.connect(str(paths.warehouse), read_only=True) as con:
        block = con.execute("select block_size from pragma_database_size()").fetchall()[0][0]
        for schema, name in _tables(con):
            used = con.execute(
                f"""
                select count(distinct id) from (
                    select block_id as id from pragma_storage_info('{schema}.{name}')
                    union all
                    select unnest(additional_block_ids) from pragma_storage_info('{schema}.{name}')
                ) where id >= 0"""  # noqa: S608
            ).fetchall()[0][0]
            key = f"warehouse {schema}"
            found[key] = found.get(key, 0) + used * block
    return found


def table_rows(paths: Paths) -> dict[str, int]:
    """Rows of every published table and, on DuckDB, of every table of the warehouse."""
    file = paths.warehouse if paths.warehouse.exists() else paths.published
    with duckdb.connect(str(file), read_only=True) as con:
        return {
            name: int(con.execute(f'select count(*) from {schema}."{name}"').fetchall()[0][0])  # noqa: S608
            for schema, name in _tables(con)
        }


def _tables(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return con.execute(
        "select schema_name, table_name from duckdb_tables() where not internal order by all"
    ).fetchall()


def folder_bytes(folder: Path) -> int:
    """Bytes of all files below a folder; files that go away meanwhile count nothing."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_size
            except FileNotFoundError:
                continue
    return total


def show(results: list[Growth]) -> None:
    """Print stages, disk and slowest models, one column per world."""
    sizes = [f"{growth.persons:,}" for growth in results]

    def table(title: str, rows: Mapping[str, list[Any]]) -> None:
        shown = Table(title=title, box=SIMPLE_HEAD, title_justify="left")
        shown.add_column("")
        for size in sizes:
            shown.add_column(size, justify="right")
        for name, values in rows.items():
            shown.add_row(name, *("" if value is None else str(value) for value in values))
        console.print(shown)

    def lined_up(column: Any) -> dict[str, list[Any]]:
        found = [column(growth) for growth in results]
        names = list(dict.fromkeys(name for one in found for name in one))
        return {name: [one.get(name) for one in found] for name in names}

    table(
        "CPU s / wall s / peak memory",
        lined_up(
            lambda g: {
                s.name: f"{s.cpu:,.1f} / {s.wall:,.1f} / {s.memory / 1e6:,.0f} MB"
                + (f" + {s.spill / 1e6:,.0f} MB spilled" if s.spill else "")
                for s in g.stages
            }
        ),
    )
    table("Rows landed", lined_up(lambda g: {k: f"{v:,}" for k, v in g.landed.items()}))
    table("MB on disk", lined_up(lambda g: {k: f"{v / 1e6:,.1f}" for k, v in g.disk.items()}))
    slowest = dict.fromkeys(
        name for g in results for name, _ in g.models.get("build", [])[:SLOWEST]
    )
    times = lined_up(lambda g: dict(g.models.get("build", [])))
    table("Slowest nodes of the full build, wall s", {name: times[name] for name in slowest})


def main(
    persons: Annotated[list[int], typer.Option(help="Repeatable: one world each.")],
    days: Annotated[int, typer.Option(help="Days of history, before the further day.")] = 30,
    engine: Annotated[str, typer.Option(help="duckdb or spark.")] = "duckdb",
    out: Annotated[Path, typer.Option(help="Where the figures go, as JSON.")] = Path(
        "var/scaling.json"
    ),
    together: Annotated[
        bool, typer.Option(help="Read all sources at once, as Airflow does, not one by one.")
    ] = False,
    home: Annotated[
        Path | None, typer.Option(help="Keep the run folders here; by default they are removed.")
    ] = None,
) -> None:
    """Measure the pipeline from the vendors to the publication at several sizes."""
    results: list[Growth] = []
    out.parent.mkdir(parents=True, exist_ok=True)
    for number in persons:
        folder = home / str(number) if home else Path(tempfile.mkdtemp(prefix="o2o-scaling-"))
        growth = Growth(number, days, engine)
        results.append(growth)
        try:
            for _ in grow(growth, folder.resolve(), together):
                out.write_text(json.dumps([asdict(growth) for growth in results], indent=1))
        except StageFailed as error:
            growth.failed = str(error)
            out.write_text(json.dumps([asdict(growth) for growth in results], indent=1))
            console.print(f"[red]{number:,} people: {error}[/]")
        finally:
            if home is None:
                shutil.rmtree(folder)
    show(results)
    if any(growth.failed for growth in results):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
