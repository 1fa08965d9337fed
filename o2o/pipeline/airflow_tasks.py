"""What the DAGs call: Airflow's words (context, connection) become the warehouse's.

Imported inside tasks only, so it may import what is heavy.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowNotFoundException,
    AirflowSkipException,
)
from airflow.sdk.log import mask_secret
from croniter import croniter

from analytics.errors import InputError
from connectors.connections import credentials_of
from connectors.core import times
from connectors.core.errors import AuthError, ExtractFailed, Refused
from connectors.core.masking import secrets_of
from connectors.core.settings import Connection, variable
from connectors.core.source import ends
from connectors.extract import extract
from expectations import runner
from o2o import company
from o2o.errors import O2OError
from o2o.pipeline import alerting, audit, build, news, publish, remote_copy, upkeep
from o2o.pipeline.engine import open_warehouse
from o2o.pipeline.paths import Paths
from o2o.shown import secrets
from warehouse.engines.warehouse import WarehouseError
from warehouse.landing.errors import SettingError, SourceError

log = logging.getLogger(__name__)

# Airflow masks what it knows of in the logs of tasks: connections; with this the settings, too.
for _secret in secrets():
    mask_secret(_secret)

# What fails again however often it is tried: somebody has to change something first.
USERS = (SettingError, AuthError, Refused, InputError)
EXPECTED = (SourceError, O2OError, WarehouseError, runner.AuditError, OSError)


class ChecksFailed(AirflowFailException):
    """A check of severity fail did not pass: its owner is told, not the task's."""


@contextmanager
def plain_errors() -> Iterator[None]:
    """Say an expected error first, in one piece, and let Airflow retry only what may pass by
    itself."""
    try:
        yield
    except (*USERS, *EXPECTED) as error:
        log.error("%s", error)
        if isinstance(error, audit.AuditFailed):
            raise ChecksFailed(str(error)) from None
        causes: list[Exception] = [error]
        if isinstance(error, ExtractFailed):
            causes = [*error.errors]
        if all(isinstance(cause, USERS) for cause in causes):
            raise AirflowFailException(f"{error}\nIt is not tried again by itself.") from None
        raise AirflowException(str(error)) from None


def tell_run_failure(context: Mapping[str, Any]) -> None:
    """Tell of a run that failed although no task could say so: one that is killed cannot."""
    dag = context["dag"]
    link = f"{conf.get('api', 'base_url', fallback='').rstrip('/')}/dags/{dag.dag_id}"
    reason = str(context.get("reason") or "it failed")
    alerting.run_failed(
        dag.dag_id, context["run_id"], dag.owner, reason, link, Paths.from_env(), credentials
    )


def tell_run_success(context: Mapping[str, Any]) -> None:
    """Tell that runs of a DAG end well again."""
    alerting.run_succeeded(context["dag"].dag_id, Paths.from_env(), credentials)


def run_merge_loads() -> dict[str, Any]:
    """Merge the small files of the landing zone; returns the number of files before and after."""
    with plain_errors():
        done = upkeep.merge_loads(Paths.from_env(), datetime.now(UTC))
    for stream, names in done.refused.items():
        log.warning("%s: files that are no loads: %s", stream, ", ".join(names))
    log.info("landing: %d files, %d before", done.after, done.before)
    return {"before": done.before, "after": done.after}


def run_tidy() -> dict[str, int]:
    """Remove what the killed have left, and old logs; returns how many of each."""
    with plain_errors():
        now = datetime.now(UTC)
        drafts = upkeep.remove_drafts(Paths.from_env(), now)
        logs = upkeep.remove_logs(Path(conf.get("logging", "base_log_folder")), now)
    return {"drafts": len(drafts), "logs": logs}


def run_forget_runs() -> None:
    """Remove Airflow's old records of runs; skipped where its database is not told."""
    with plain_errors():
        if reason := upkeep.forget_runs(datetime.now(UTC)):
            raise AirflowSkipException(reason)


def credentials(name: str) -> Connection:
    """The Airflow connection ``o2o_<name>``. Raises SettingError if there is none."""
    from airflow.sdk import Connection as AirflowConnection

    try:
        stored = AirflowConnection.get(f"o2o_{name}")
    except AirflowNotFoundException:
        raise SettingError(
            f"no connection configured. Add the Airflow connection o2o_{name}, or set"
            f" {variable(name)} in the environment of Airflow's workers.",
            source=name,
        ) from None
    return Connection(
        stored.host or "",
        stored.login or "",
        stored.password or "",
        stored.extra_dejson,
        stored.port or 0,
    )


def tell_failure(context: Mapping[str, Any], boundary: audit.Boundary | str) -> None:
    """Tell the owners what a task's failure means (Airflow's ``on_failure_callback``)."""
    task, paths = context["ti"], Paths.from_env()
    error = context.get("exception")
    alerting.incidents(paths).note_run(task.dag_id, task.run_id)
    if isinstance(error, ChecksFailed):
        tell_success(context, boundary)  # the task did what it is for
        return
    alerting.failed(
        task.dag_id,
        task.task_id,
        context["task"].owner,
        error,
        task.log_url,
        task.try_number,
        paths,
        credentials,
    )


def tell_success(context: Mapping[str, Any], boundary: audit.Boundary | str) -> None:
    """Tell the owners what is over (Airflow's ``on_success_callback``), and what a verdict says."""
    task, paths = context["ti"], Paths.from_env()
    alerting.succeeded(task.dag_id, task.task_id, paths, credentials)
    if boundary and (verdict := runner.load(paths.reports, cast(audit.Boundary, boundary))):
        alerting.judged(verdict, paths, credentials)


def window(
    context: Mapping[str, Any], schedule: str, end: datetime | None = None
) -> tuple[datetime | None, datetime]:
    """(since, until) of an ingest run: from since on, up to but without until.

    Triggered by hand: the run's ``since`` and ``until``. Part of an Airflow backfill: its piece of
    the range, by the connection's ``schedule``. Scheduled: up to its point in time, from where the
    last load ended (since: None).
    ``end``: the clock of a connection whose data end, as a demo's may after today.
    Raises SettingError for a time that is none, lies in the future or is later than the other.
    """
    run = context["dag_run"]
    params = context["params"]
    if params.get("since") or params.get("until"):
        now = datetime.now(UTC)
        latest = max(now, end or now)
        since = _moment("since", params["since"], latest) if params.get("since") else None
        until = _moment("until", params["until"], latest) if params.get("until") else now
        if since is not None and since >= until:
            raise SettingError(
                f"param since: {since.isoformat()} is not before until, {until.isoformat()}"
            )
        return since, until
    until = run.data_interval_end or run.run_after
    if run.run_type == "backfill":
        return piece(schedule, until)
    return None, until


def piece(schedule: str, tick: datetime) -> tuple[datetime, datetime]:
    """What one run of a backfill reads: (since, until) for a point in time of a cron line (UTC).

    The runs of a day share it from midnight to midnight. Days without a run belong to the one
    before and to the one after, so that a range has no hole wherever it begins or ends.
    """
    tick = tick.astimezone(UTC)
    before = croniter(schedule, tick).get_prev(datetime)
    after = croniter(schedule, tick).get_next(datetime)
    day, one = datetime.combine(tick.date(), time.min, UTC), timedelta(days=1)
    since = tick if before >= day else datetime.combine(before.date(), time.min, UTC) + one
    until = after if after < day + one else datetime.combine(after.date(), time.min, UTC)
    return since, min(until, datetime.now(UTC))


def run_extract(name: str, context: Mapping[str, Any]) -> dict[str, Any]:
    """Land all streams of a connection; returns rows and quarantined rows per stream."""
    with plain_errors():
        ours = company.load()
        connected = ours.connection(name)
        connection = connected.configured(credentials_of(connected, credentials))
        # Airflow itself does not mask the password of every connection that a task gets.
        for secret in secrets_of(connection):
            mask_secret(secret)
        since, until = window(context, connected.schedule, ends(connection))
        log.info("extracting %s from %s until %s", name, since or "the last load", until)
        results = extract(
            connected,
            connection,
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


def run_build() -> dict[str, Any]:
    """Build and test all models; returns each layer's figures, and of each node its kind, name,
    status and seconds."""

    def tell(node: build.NodeResult, total: int) -> None:
        log.info(
            "%s %s: %s in %.1f s (of %d)", node.kind, node.name, node.status, node.seconds, total
        )

    with plain_errors():
        result = build.build(Paths.from_env(), on_node=tell)
    for layer in result.layers():
        log.info(
            "%s: %d models, %d tests in %.1f s of work, longest %s",
            layer.name,
            layer.models,
            layer.tests,
            layer.seconds,
            layer.longest,
        )
    kept = ("kind", "name", "status", "seconds")
    return {
        "layers": [asdict(layer) for layer in result.layers()],
        "nodes": [{k: v for k, v in asdict(n).items() if k in kept} for n in result.nodes],
    }


def run_audit(boundary: audit.Boundary) -> dict[str, Any]:
    """Judge one boundary; raises ``ChecksFailed`` if a check of severity fail did not pass."""
    paths = Paths.from_env()
    with plain_errors(), remote_copy.kept(paths, compares=boundary == "marts"):
        return audit.summary(audit.audit(paths, boundary))


def run_check_landed(context: Mapping[str, Any]) -> news.Seen:
    """Judge what has landed; returns what it was. A run by the clock is skipped without news."""
    paths = Paths.from_env()
    with plain_errors():
        there = news.seen(paths)
        is_by_clock = context["dag_run"].run_type == "scheduled"
        if is_by_clock and not news.is_new(there, paths, datetime.now(UTC)):
            raise AirflowSkipException("Nothing has landed since the last build.")
    log.info("landing: %s", run_audit("landing"))
    return there


def run_audit_marts(there: news.Seen) -> dict[str, Any]:
    """Judge the marts that were built from what was ``there``, and note that they were judged."""
    paths = Paths.from_env()
    try:
        summary = run_audit("marts")
    except ChecksFailed:
        news.judged(there, paths, datetime.now(UTC))
        raise
    news.judged(there, paths, datetime.now(UTC))
    return summary


def run_publish() -> dict[str, Any]:
    """Swap the audited marts in, or tell the reason why not."""
    paths = Paths.from_env()
    with plain_errors(), remote_copy.kept(paths, publication=True):
        return asdict(publish.publish(open_warehouse(paths), paths.reports, paths.published))


def _moment(name: str, text: str, latest: datetime) -> datetime:
    try:
        moment = times.parse(text)
    except ValueError:
        raise SettingError(
            f"param {name}: {text!r} is not an ISO time such as 2026-05-01T00:00:00+00:00"
        ) from None
    if moment > latest:
        raise SettingError(f"param {name}: {moment.isoformat()} lies in the future")
    return moment
