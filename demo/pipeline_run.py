"""Trigger the ingest DAGs and follow what Airflow makes of it: transform, audit, publish."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from demo.airflow_api import AirflowApi, Run
from demo.stack import Stack, start_airflow

END_SECONDS = 3600
FOLLOW_SECONDS = 120
FOLLOWERS = ("transform", "publish")


class PipelineFailed(Exception):
    """A DAG run failed; the message says which and where to look."""


def run_pipeline(
    api: AirflowApi,
    stack: Stack,
    environment: Mapping[str, str],
    sources: list[str],
    clock: datetime,
    console: Console,
) -> None:
    """Run all DAGs up to ``clock``. Raises ``PipelineFailed`` at the first DAG run that fails.

    It starts the scheduler, once all is triggered. On SQLite two requests that write, ours and a
    task's, wait inside the api-server for each other until SQLite's timeout makes a 500 of one.
    """
    before = {run.run_id for dag_id in FOLLOWERS for run in api.runs(dag_id)}
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("Ingesting", total=len(sources) + len(FOLLOWERS))

        def report(run: Run) -> None:
            progress.advance(bar)
            mark = "[green]✓[/]" if run.state == "success" else "[red]✗[/]"
            console.print(f"{mark} {run.dag_id:<24}{run.seconds:6.1f} s", highlight=False)
            if run.state == "failed":
                tasks = ", ".join(api.failed_tasks(run)) or "see its log"
                raise PipelineFailed(
                    f"DAG {run.dag_id} failed in task {tasks}. Logs: "
                    f"{stack.paths.home / 'airflow' / 'logs'}, report: "
                    f"{stack.paths.reports / 'index.html'}"
                )

        def follow(waiting: dict[str, str]) -> None:
            def all_ended() -> bool:
                for dag_id, run_id in list(waiting.items()):
                    run = api.run(dag_id, run_id)
                    if run.ended:
                        del waiting[dag_id]
                        report(run)
                return not waiting

            stack.wait_until(f"the end of {', '.join(waiting)}", all_ended, END_SECONDS)

        def started_by_assets(dag_id: str) -> str:
            new: list[str] = []

            def has_started() -> bool:
                new.extend(r.run_id for r in api.runs(dag_id) if r.run_id not in before)
                return bool(new)

            stack.wait_until(
                f"Airflow to start {dag_id}, whose assets are updated", has_started, FOLLOW_SECONDS
            )
            return new[0]

        triggered = {
            f"ingest__{source}": api.trigger(f"ingest__{source}", {"until": clock.isoformat()})
            for source in sources
        }
        start_airflow(stack, environment, "scheduler")
        follow(triggered)
        for dag_id in FOLLOWERS:
            progress.update(bar, description=f"Running {dag_id}")
            follow({dag_id: started_by_assets(dag_id)})
