"""``python -m demo run``: the end-to-end pipeline against the demo world, by a real Airflow.

Generates the world once, serves its APIs, starts Airflow, triggers every ingest DAG and watches
what follows by itself: transform, audit, publish. Each further run moves the world's clock one day
on, so that it ingests only what is new. No schedule starts anything: they go by the real clock.
"""

from __future__ import annotations

import json
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import requests
import typer
from filelock import FileLock, Timeout
from rich.console import Console

from connectors.core.errors import UnknownName
from demo import companies, exports, findings, stack, world
from demo.airflow_api import AirflowApi
from demo.pipeline_run import FOLLOWERS, PipelineFailed, run_pipeline
from demo.served import ScoreError
from demo.vendors import connections
from o2o.pipeline.paths import Paths

START_OVER = "Remove it with `make clean`, or set O2O_HOME to a new folder."

console = Console()


@dataclass(frozen=True)
class DemoState:
    """What the run folder's world is, whose, and how far its clock has come."""

    persons: int
    days: int
    seed: int
    noise: world.NoiseLevel
    company: str = companies.DEFAULT
    runs: int = 0

    def __str__(self) -> str:
        sizes = f"{self.persons:,} people, {self.days} days, seed {self.seed}, {self.noise} noise"
        return f"{self.company}, {sizes}"

    @property
    def clock(self) -> datetime:
        """The world's time in the next run."""
        further = min(self.runs, world.DEFAULT_EXTRA_DAYS)
        today = world.DEFAULT_START + timedelta(days=self.days + further)
        return datetime.combine(today, datetime.min.time(), UTC)

    @property
    def outlook(self) -> str:
        """What the next run will find new, for the reader of this one."""
        left = world.DEFAULT_EXTRA_DAYS - self.runs
        now = f"It is {self.clock:%d %B %Y}, 00:00 UTC, in the demo world."
        if left <= 0:
            return f"{now} Its days are used up: further runs will find nothing new. {START_OVER}"
        return f"{now} The next run is a day later ({left} more to come)."


def run(
    persons: Annotated[int, typer.Option(help="Number of people in the demo world.")] = (
        world.DEFAULT_PERSONS
    ),
    days: Annotated[int, typer.Option(help="Number of days of history.")] = world.DEFAULT_DAYS,
    seed: Annotated[
        int, typer.Option(help="Seed: the same seed gives the same world.")
    ] = world.DEFAULT_SEED,
    noise: Annotated[
        world.NoiseLevel, typer.Option(help="Level of errors in the records of people.")
    ] = world.DEFAULT_NOISE,
    company: Annotated[
        str, typer.Option(help=f"Company whose systems are read: {', '.join(companies.NAMES)}.")
    ] = companies.DEFAULT,
    chaos: Annotated[
        int,
        typer.Option(min=0, max=3, help="Level of trouble in the vendors' APIs: 0 none, 3 much."),
    ] = 1,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="Fault to put into what the APIs serve; repeat it for several."),
    ] = None,
    keep_running: Annotated[
        bool, typer.Option(help="Keep Airflow, the reports and the simulated vendors running.")
    ] = False,
) -> None:
    """Run the end-to-end pipeline once, then print what was found."""
    paths = Paths.from_env()
    began = time.monotonic()
    # A stopped terminal or CI job must stop the processes, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with _alone(paths), stack.Stack(paths) as running:
            used = companies.Company(company)
            state = _state(paths, DemoState(persons, days, seed, noise, company))
            place = used.placed(paths.home)
            sources = used.sources(place)
            api, environment, simulator_url = _start(
                running, paths, used, place, state, chaos, fault or []
            )
            before = findings.newest_loads(paths, sources)
            try:
                run_pipeline(api, running, environment, [*used.connections], state.clock, console)
            except PipelineFailed:
                findings.show_checks(paths, console)
                raise
            _save(paths, replace(state, runs=state.runs + 1))
            findings.show(paths, sources, before, state.clock, console)
            console.print(f"\nDone in {time.monotonic() - began:.0f} s. {state.outlook}")
            if keep_running:
                # No DAG of ours needs it, but without it Airflow's home page shows a fault.
                stack.start_airflow(running, environment, "triggerer")
                _wait(running, api.base_url, simulator_url)
    except (
        PipelineFailed, stack.StackFailed, ScoreError, UnknownName, requests.RequestException
    ) as error:  # fmt: skip
        console.print(f"[bold red]The demo stopped:[/] {error}", soft_wrap=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        console.print("Stopped.")
        raise typer.Exit(130) from None


def _alone(paths: Paths) -> AbstractContextManager[object]:
    """Two Airflows on one database would each run what the other has started."""
    paths.home.mkdir(parents=True, exist_ok=True)
    try:
        return FileLock(paths.home / "demo.lock").acquire(timeout=0)
    except Timeout:
        raise stack.StackFailed(
            f"a demo is running in {paths.home} already. Stop it, or set O2O_HOME to a new folder."
        ) from None


def _start(
    running: stack.Stack,
    paths: Paths,
    company: companies.Company,
    place: Path,
    state: DemoState,
    chaos: int,
    faults: list[str],
) -> tuple[AirflowApi, dict[str, str], str]:
    """World, simulator and Airflow but for its scheduler, which would go on with what an earlier
    one left. ``place`` is the company's folder. The database migration runs while the world is
    generated."""
    port = stack.free_port(8080)
    with ThreadPoolExecutor(1) as pool:
        migration = pool.submit(
            stack.migrate_airflow,
            running,
            stack.airflow_environment(paths, port, place, {}),
        )
        _generate(paths, company, state)
        if company.system:
            exports.write(company.system, paths.outside_world, place, state.clock)
        url = stack.start_simulator(running, paths.outside_world, state.clock, chaos, faults)
        with console.status("Preparing Airflow's database …"):
            migration.result()
    given = connections(url, state.clock, company.simulated)
    environment = stack.airflow_environment(paths, port, place, given, url)
    with console.status("Starting Airflow …"):
        began = datetime.now(UTC)
        stack.start_airflow(running, environment, "api-server", "dag-processor")
        api = AirflowApi(
            environment["AIRFLOW__API__BASE_URL"], environment["AIRFLOW__API_AUTH__JWT_SECRET"]
        )
        api.set_pool("warehouse", 1, "one writer of the warehouse file")
        wanted = {*FOLLOWERS, *(f"ingest__{name}" for name in company.connections)}
        running.wait_until(
            "Airflow to read the DAGs",
            lambda: wanted <= api.dags_read(began) or _broken(api, began),
        )
        for dag_id in sorted(wanted):
            api.forget_unfinished(dag_id)
            api.unpause(dag_id)
    console.print(f"Airflow is up at {api.base_url}, the vendors' APIs at {url}", soft_wrap=True)
    return api, environment, url


def _broken(api: AirflowApi, since: datetime) -> bool:
    errors = api.import_errors(since)
    if errors:
        raise stack.StackFailed("a DAG file does not import:\n" + "\n".join(errors))
    return False


def _generate(paths: Paths, company: companies.Company, state: DemoState) -> None:
    if (paths.outside_world / world.WORLD_FILE).exists():
        return
    start = time.monotonic()
    with console.status(f"Making the demo world: {state} …"):
        world.generate(
            paths.outside_world,
            persons=state.persons,
            days=state.days,
            seed=state.seed,
            noise=state.noise,
            **company.world,
        )
    console.print(f"Made the demo world ({state}) in {time.monotonic() - start:.0f} s")


def _state(paths: Paths, asked: DemoState) -> DemoState:
    """The stored state if it is the same world; another world needs another run folder."""
    file = paths.home / "demo.json"
    if not file.exists():
        return asked
    try:
        stored = DemoState(**json.loads(file.read_text()))
    except TypeError:
        raise stack.StackFailed(
            f"{paths.home} holds a world of another version of the demo. {START_OVER}"
        ) from None
    if replace(stored, runs=0) != asked:
        raise stack.StackFailed(f"{paths.home} holds another world ({stored}). {START_OVER}")
    return stored


def _save(paths: Paths, state: DemoState) -> None:
    (paths.home / "demo.json").write_text(json.dumps(asdict(state)))


def _wait(running: stack.Stack, airflow_url: str, simulator_url: str) -> None:
    reports_url = stack.start_reports(running)
    console.print(
        f"\nAirflow:        {airflow_url}\nOwners' report: {reports_url}\n"
        f"Vendors' APIs:  {simulator_url}\n"
        "No DAG starts by the clock (O2O_SCHEDULES=off). Trigger them in Airflow: ingest reads\n"
        "up to the demo world's now; transform starts once all of them have landed, or by hand.\n"
        "Stop all of this with Ctrl-C."
    )
    try:
        while True:
            running.check()
            time.sleep(2)
    except KeyboardInterrupt:
        console.print("Stopping …")
