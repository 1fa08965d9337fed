"""Trigger the ingest DAGs and follow what Airflow makes of it: transform, audit, publish."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from demo.airflow_api import AirflowApi, Run
from demo.stack import Stack

LIMIT_SECONDS = 3600


class RoadFailed(Exception):
    """A DAG run failed, or none came; the message says which and where to look."""


def travel(
    api: AirflowApi, stack: Stack, sources: list[str], clock: datetime, console: Console
) -> None:
    """Run the road up to ``clock``. Raises ``RoadFailed`` at the first DAG run that fails."""
    followers = ["transform", "publish"]
    before = {run.run_id for dag_id in followers for run in api.runs(dag_id)}
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("Ingesting", total=len(sources) + len(followers))

        def report(run: Run) -> None:
            progress.advance(bar)
            mark = "[green]✓[/]" if run.state == "success" else "[red]✗[/]"
            console.print(f"{mark} {run.dag_id:<24}{run.seconds:6.1f} s", highlight=False)
            if run.state == "failed":
                tasks = ", ".join(api.failed_tasks(run)) or "see its log"
                raise RoadFailed(
                    f"DAG {run.dag_id} failed in task {tasks}. Logs: "
                    f"{stack.paths.home / 'airflow' / 'logs'}, report: "
                    f"{stack.paths.reports / 'index.html'}"
                )

        waiting = {
            f"ingest__{source}": api.trigger(f"ingest__{source}", {"until": clock.isoformat()})
            for source in sources
        }
        _follow(api, stack, waiting, report)
        for dag_id in followers:
            progress.update(bar, description=f"Running {dag_id}")
            _follow(api, stack, {dag_id: _new_run(api, stack, dag_id, before)}, report)


def _follow(
    api: AirflowApi, stack: Stack, waiting: dict[str, str], report: Callable[[Run], None]
) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while waiting:
        stack.check()
        for dag_id, run_id in list(waiting.items()):
            run = next((r for r in api.runs(dag_id) if r.run_id == run_id), None)
            if run and run.ended:
                del waiting[dag_id]
                report(run)
        if time.monotonic() > deadline:
            raise RoadFailed(f"{', '.join(waiting)} did not end within {LIMIT_SECONDS} s")
        time.sleep(0.5)


def _new_run(api: AirflowApi, stack: Stack, dag_id: str, before: set[str]) -> str:
    """The run that the assets triggered: the first that was not there at the start."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        stack.check()
        for run in api.runs(dag_id):
            if run.run_id not in before:
                return run.run_id
        time.sleep(0.5)
    raise RoadFailed(f"Airflow did not start {dag_id} within 120 s of its assets' update")
