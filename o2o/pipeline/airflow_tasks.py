"""What the DAGs call: Airflow's words (context, connection) become the warehouse's.

Imported inside tasks only, so it may import what is heavy.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Any

from connectors.core.settings import Connection
from connectors.extract import extract
from o2o import company
from o2o.pipeline import audit, build, publish, remote_copy
from o2o.pipeline.engine import open_warehouse
from o2o.pipeline.paths import Paths

log = logging.getLogger(__name__)


def window(context: Mapping[str, Any]) -> tuple[datetime | None, datetime]:
    """(since, until) of an ingest run.

    Triggered by hand: the run's ``since`` and ``until``. Part of an Airflow backfill: its own data
    interval. Scheduled: up to the interval's end, from where the last load ended (since: None).
    """
    run = context["dag_run"]
    params = context["params"]
    if params.get("since") or params.get("until"):
        since = _moment("since", params["since"]) if params.get("since") else None
        until = _moment("until", params["until"]) if params.get("until") else datetime.now(UTC)
        return since, until
    until = run.data_interval_end or run.run_after
    if run.run_type == "backfill":
        return run.data_interval_start, until
    return None, until


def run_extract(name: str, context: Mapping[str, Any]) -> dict[str, Any]:
    """Land all streams of a connection; returns rows and quarantined rows per stream."""
    from airflow.sdk import Connection as AirflowConnection

    ours = company.load()
    connected = ours.connection(name)
    stored = AirflowConnection.get(f"o2o_{name}")
    connection = Connection(
        stored.host or "", stored.login or "", stored.password or "", stored.extra_dejson
    )
    since, until = window(context)
    log.info("extracting %s from %s until %s", name, since or "the last load", until)
    results = extract(
        connected,
        connected.configured(connection),
        Paths.from_env().landing_url,
        until=until,
        since=since,
        accepted=partial(ours.accepts, name),
    )
    for result in results:
        log.info(
            "%s.%s: %d rows, %d quarantined, load %s, %.1f s",
            name,
            result.stream,
            result.rows,
            result.quarantined,
            result.load_id,
            result.seconds,
        )
    return {r.stream: {"rows": r.rows, "quarantined": r.quarantined} for r in results}


def run_build() -> list[dict[str, Any]]:
    """Build and test all models; returns each node's kind, name, status and seconds."""

    def tell(node: build.NodeResult, total: int) -> None:
        log.info(
            "%s %s: %s in %.1f s (of %d)", node.kind, node.name, node.status, node.seconds, total
        )

    result = build.build(Paths.from_env(), on_node=tell)
    return [
        {k: v for k, v in asdict(node).items() if k in ("kind", "name", "status", "seconds")}
        for node in result.nodes
    ]


def run_audit(boundary: audit.Boundary) -> dict[str, Any]:
    """Judge one boundary; raises ``AuditFailed`` if a check of severity fail did not pass."""
    paths = Paths.from_env()
    with remote_copy.kept(paths, compares=boundary == "marts"):
        return audit.summary(audit.audit(paths, boundary))


def run_publish() -> dict[str, Any]:
    """Swap the audited marts in; raises ``PublishRefused`` with the reason otherwise."""
    paths = Paths.from_env()
    with remote_copy.kept(paths, publication=True):
        return asdict(publish.publish(open_warehouse(paths), paths.reports, paths.published))


def _moment(name: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"param {name}: {text!r} is not an ISO time such as 2026-05-01T00:00:00+00:00"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
