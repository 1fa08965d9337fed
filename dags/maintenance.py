"""``maintenance``: an Airflow DAG that keeps files, disk and Airflow's own records level."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, task

from o2o.pipeline.airflow_settings import (
    alerts,
    run_alerts,
    schedules_are_on,
    warehouse_tasks,
)

DOC = """
### Upkeep

**Owner** data-platform · **Impact tier** 3: nobody misses it for a week.

- `merge_loads`: the small files of loads older than two days become few. Nothing that was landed is
  lost or changed. It holds the warehouse's slot: builds wait for it, and it for them.
- `tidy`: what killed writers have left is removed, and logs older than `upkeep.logs_days`.
- `forget_runs`: Airflow's records of runs older than `upkeep.runs_days` are removed. Skipped where
  `O2O_AIRFLOW_DATABASE` is not set.

**Triage**
- *the warehouse is being written by another process*: a build by hand is running; clear the task.
- *files that are no loads*: the check `landed_files_ours` names them; move them out.
- *airflow db clean failed*: run it beside the scheduler and read what it says.
"""


@dag(
    dag_display_name="Upkeep",
    description="Merge small files, remove old logs and records of runs",
    schedule=(
        CronTriggerTimetable("50 4 * * *", timezone="UTC", run_immediately=timedelta(0))
        if schedules_are_on()
        else None
    ),
    catchup=False,
    max_active_runs=1,
    **run_alerts(),
    default_args={
        "owner": "data-platform",
        **alerts(),
        "retries": 2,
        "retry_delay": timedelta(minutes=10),
    },
    tags=["maintenance", "tier:3"],
    doc_md=DOC,
)
def maintenance() -> None:
    @task(**warehouse_tasks())
    def merge_loads() -> dict[str, Any]:
        from o2o.pipeline.airflow_tasks import run_merge_loads

        return run_merge_loads()

    @task
    def tidy() -> dict[str, int]:
        from o2o.pipeline.airflow_tasks import run_tidy

        return run_tidy()

    @task
    def forget_runs() -> None:
        from o2o.pipeline.airflow_tasks import run_forget_runs

        run_forget_runs()

    merge_loads()
    tidy()
    forget_runs()


maintenance()
