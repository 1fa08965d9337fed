"""``publish``: an Airflow DAG that hands audited marts to their readers, in one atomic swap."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, AssetAlias, dag, task

from o2o.pipeline.airflow_settings import alerts, run_alerts, warehouse_tasks

AUDITED = Asset("o2o://warehouse/audited")
PUBLISHED = Asset("o2o://published/marts")
# Stands for the assets of single marts: which have changed is known when they are published.
CHANGED = AssetAlias("o2o published marts")

DOC = """
### Publish

**Owner** data-platform · **Impact tier** 1: this is what analysts see.

Copies the marts into a new read-only DuckDB file and renames it over the old one. Refuses a
warehouse that was not audited since it was last written, or that failed a check of severity *fail*.

Updates the asset `o2o://published/marts`, and of each mart whose rows have changed its own, for
example `o2o://published/fct_orders`, with its number of rows (`rows`): let a DAG of yours wait for
the marts that it reads.

**Triage**: *refused* means that the warehouse changed after its audit; the next `transform` run
publishes. A killed publication leaves the old file whole: clear the task.
"""


@dag(
    dag_display_name="Publish the marts",
    description="Hand the audited marts to their readers, in one atomic swap",
    schedule=[AUDITED],
    catchup=False,
    max_active_runs=1,
    **run_alerts(),
    default_args={
        "owner": "data-platform",
        **warehouse_tasks(),
        **alerts(),
        "priority_weight": 10,  # ahead of the next build, which would change what was audited
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
    },
    tags=["publish", "tier:1"],
    doc_md=DOC,
)
def publish() -> None:
    @task(outlets=[PUBLISHED, CHANGED])
    def swap(**context: Any) -> dict[str, Any]:
        from o2o.pipeline.airflow_tasks import run_publish

        published = run_publish()
        events = context["outlet_events"]
        events[PUBLISHED].extra = published
        for mart in published["changed"]:
            told = {"rows": published["tables"][mart], "published_at": published["published_at"]}
            events[CHANGED].add(Asset(f"o2o://published/{mart}"), extra=told)
        return published

    swap()


publish()
