"""``transform``: an Airflow DAG that builds the warehouse from what was landed, and judges it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, AssetAll, AssetOrTimeSchedule, CronTriggerTimetable, dag, task

from o2o import company
from o2o.pipeline.airflow_settings import alerts, schedules_are_on, warehouse_tasks

# Tables that another loader keeps tell nobody when they are there: the morning finds them.
LANDED = AssetAll(*(Asset(f"o2o://landing/{name}") for name in company.load().landing))
MORNING = CronTriggerTimetable(
    "0 6 * * *",
    timezone="UTC",
    run_immediately=timedelta(0),  # unpausing waits for the next point in time
)
LANDED_OR_MORNING = AssetOrTimeSchedule(timetable=MORNING, assets=LANDED)


def _schedule() -> Any:
    if not LANDED.objects:
        return MORNING if schedules_are_on() else None
    return LANDED_OR_MORNING if schedules_are_on() else LANDED


AUDITED = Asset("o2o://warehouse/audited")

DOC = """
### Write, then audit

**Owner** data-platform · **Impact tier** 1: nothing new is published until this ends well.

Runs when every connection has landed, and at 06:00 UTC in any case, so that a silent one delays
nobody; its silence is then reported by the freshness check.

`check_landed` judges the landed files, `build` runs `dbt build` (the status, time and row count of
every model is in the task's log and return value), `audit` judges the marts. A check of severity
*fail* ends the run here: readers keep the last good publication.

**Triage**
- *check_landed, audit*: open the owners' report; it names the check, both totals, the gap and the
  owner to call. Mend the source (or the check), then clear the task.
- *build*: the message names each failed dbt node. Clear the task once it is mended; dbt's
  incremental models pick up where the last committed one ended.
- *the warehouse is being written by another process*: a build by hand is still running.
"""


@dag(
    schedule=_schedule(),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "data-platform",
        **warehouse_tasks(),
        **alerts(),
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
    },
    tags=["transform", "tier:1"],
    doc_md=DOC,
)
def transform() -> None:
    # A failed check fails again: its cure is at the source, not in a retry.
    @task(retries=0, **alerts("landing"))
    def check_landed() -> dict[str, Any]:
        from o2o.pipeline.airflow_tasks import run_audit

        return run_audit("landing")

    @task
    def build() -> list[dict[str, Any]]:
        from o2o.pipeline.airflow_tasks import run_build

        return run_build()

    @task(retries=0, outlets=[AUDITED], **alerts("marts"))
    def audit(**context: Any) -> dict[str, Any]:
        from o2o.pipeline.airflow_tasks import run_audit

        summary = run_audit("marts")
        context["outlet_events"][AUDITED].extra = summary
        return summary

    check_landed() >> build() >> audit()


transform()
