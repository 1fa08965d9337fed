"""``transform``: an Airflow DAG that builds the warehouse from what was landed, and judges it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, AssetAll, CronTriggerTimetable, dag, task

from o2o import company
from o2o.pipeline.airflow_settings import (
    alerts,
    run_alerts,
    schedules_are_on,
    warehouse_tasks,
)

OURS = company.load()
LANDED = [Asset(f"o2o://landing/{name}") for name in OURS.landing]
AUDITED = Asset("o2o://warehouse/audited")

DOC = """
### Write, then audit

**Owner** data-platform · **Impact tier** 1: nothing new is published until this ends well.

Looks by its schedule (by default twice an hour) whether anything has landed since the last build,
and is skipped if not: what lands is published within the hour, and connections that land one after
the other make one build. Tables of other loaders and a published plan of experiments tell nobody
when they change: with them it also builds once after 06:00 UTC. Triggered by hand it always builds.

`check_landed` judges the landed files, `build` runs `dbt build` (its log and return value have the
status and time of every model, and what each layer took: staging, conformed, intermediate, marts),
`audit` judges the marts. A check of severity *fail* ends the run here: readers keep the last good
publication.

**Triage**
- *skipped*: nothing has landed since the last build.
- *check_landed, audit*: open the owners' report; it names the check, both totals, the gap and the
  owner to call, who has been told. Mend the source (or the check), then clear the task.
- *build*: the message names each failed dbt node. Clear the task once it is mended; dbt's
  incremental models pick up where the last committed one ended.
- *the warehouse is being written by another process*: a build by hand is still running.
- *queued for ever*: the pool `warehouse` is missing: `airflow pools set warehouse 1 "one writer"`.
"""


def _schedule() -> Any:
    """By the clock, or (where that is off) when all connections have landed."""
    if schedules_are_on():
        # Unpausing waits for the next point in time.
        return CronTriggerTimetable(
            OURS.build_schedule, timezone="UTC", run_immediately=timedelta(0)
        )
    return AssetAll(*LANDED) if LANDED else None


@dag(
    dag_display_name="Build and audit the warehouse",
    description="If anything has landed: judge it, build every model from it, judge the marts",
    schedule=_schedule(),
    catchup=False,
    max_active_runs=1,
    **run_alerts(),
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
    @task(retries=0, inlets=LANDED, **alerts("landing"))
    def check_landed(**context: Any) -> dict[str, str]:
        from o2o.pipeline.airflow_tasks import run_check_landed

        return run_check_landed(context)

    @task
    def build() -> dict[str, Any]:
        from o2o.pipeline.airflow_tasks import run_build

        return run_build()

    @task(retries=0, outlets=[AUDITED], **alerts("marts"))
    def audit(there: dict[str, str], **context: Any) -> dict[str, Any]:
        from o2o.pipeline.airflow_tasks import run_audit_marts

        summary = run_audit_marts(there)
        context["outlet_events"][AUDITED].extra = summary
        return summary

    there = check_landed()
    there >> build() >> audit(there)


transform()
