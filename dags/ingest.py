"""``ingest__<connection>``: an Airflow DAG per connection that lands; a new one needs nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, Asset, CronTriggerTimetable, Param, dag, task

from connectors.connections import Connected
from o2o import company
from o2o.pipeline.airflow_settings import alerts, run_alerts, schedules_are_on

DOC = """
### Ingest {title}

**Owner** {owner} · **Impact tier** 2: yesterday's figures stay published until this runs again.

Fetches every stream of `{name}` since its last load and lands it verbatim, one Parquet file per
stream and load. Credentials: the Airflow connection `o2o_{name}`.

**Backfill**: trigger with `since` and `until` (from the first on, up to but without the second), or
`airflow backfill create --dag-id ingest__{name} --from-date … --to-date …`, which cuts the range
into runs, from midnight to midnight (UTC). A backfill never moves the incremental state backwards,
and waits for its turn: one run of this connection reads at a time.

**Triage**
- *wrong credentials, missing setting, a time that cannot be read*: not tried again; the message
  says what to mend. Mend it, then clear the task.
- *rate limit, 5xx*: retried inside the task, then by Airflow; nothing half-landed is visible.
- *fewer rows landed than the vendor reported*: the load was refused and its state kept; clear the
  task, and if it stays, narrow the window with `since` and `until`.
"""


def _time(description: str) -> Param:
    return Param(
        None,
        type=["null", "string"],
        format="date-time",
        description=f"{description} With its zone, else UTC.",
    )


def _timetable(schedule: str) -> CronTriggerTimetable | None:
    if not schedules_are_on():
        return None
    return CronTriggerTimetable(
        schedule,
        timezone="UTC",
        run_immediately=timedelta(0),  # unpausing waits for the next point in time
    )


def ingest_dag(connection: Connected) -> DAG:
    """The DAG of one connection: a single task, so that a run costs one process start."""

    @dag(
        dag_id=f"ingest__{connection.name}",
        dag_display_name=f"Ingest {connection.title}",
        description=f"Fetch every stream of {connection.title} and land it as it came",
        schedule=_timetable(connection.schedule),
        catchup=False,
        max_active_runs=1,
        **run_alerts(),
        default_args={
            "owner": connection.owner,
            "retries": 3,
            "retry_delay": timedelta(minutes=1),
            "retry_exponential_backoff": True,
            "execution_timeout": timedelta(hours=6),
            **alerts(),
        },
        params={
            "since": _time("Read again from this time on. Default: go on after the last load."),
            "until": _time("Read up to this time, without it. Default: now."),
        },
        tags=["ingest", "tier:2", connection.name],
        doc_md=DOC.format(title=connection.title, owner=connection.owner, name=connection.name),
    )
    def ingest() -> None:
        landed = Asset(f"o2o://landing/{connection.name}")

        # One at a time, whatever starts it: Airflow's limit of active runs does not bind backfills.
        @task(outlets=[landed], max_active_tis_per_dag=1)
        def extract(**context: Any) -> dict[str, Any]:
            from o2o.pipeline.airflow_tasks import run_extract

            rows = run_extract(connection.name, context)
            context["outlet_events"][landed].extra = rows
            return rows

        extract()

    return ingest()


for _connection in company.load().landing.values():
    globals()[f"ingest__{_connection.name}"] = ingest_dag(_connection)
