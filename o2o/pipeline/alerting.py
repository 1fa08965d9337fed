"""What the pipeline finds, to those who answer for it (``o2o.alerts``).

Called beside the work, never in it: that a mail server is dead is an error in the log and stands in
``o2o status``; the task that was to be told of ends as it would have.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from filelock import FileLock

from expectations.runner import SHOWN_PLACES, AuditResult
from o2o import company
from o2o.alerts import Addresses, Incidents, Links, Problem, deliver, of_check, of_run, of_task
from o2o.alerts.messages import subject_of
from o2o.alerts.outbox import Credentials
from o2o.pipeline.paths import Paths
from warehouse.landing.storage import Storage

log = logging.getLogger(__name__)


def incidents(paths: Paths) -> Incidents:
    """Those of this installation: where its state is, for all machines."""
    return Incidents(Storage(paths.state))


def judged(result: AuditResult, paths: Paths, credentials: Credentials) -> None:
    """Tell what an audit found, and what it finds no longer.

    Raises StorageError, SettingError; what cannot be sent is only logged, and tried again by the
    next one."""
    links = Links(company.load().alerts.report_url or str(paths.reports / "index.html"))
    problems = [
        problem
        for check in result.checks
        if check.status != "passed"
        for problem in of_check(check, result.boundary, links)
    ]
    # Of a check that is off at more places than are listed, the others may be so still.
    unlisted = {
        subject_of(result.boundary, check.name)
        for check in result.checks
        if len(check.places) >= SHOWN_PLACES
    }
    boundary = subject_of(result.boundary, "")

    def is_judged(problem: Problem) -> bool:
        return problem.subject.startswith(boundary) and problem.subject not in unlisted

    _tell(problems, is_judged, paths, credentials)


def failed(
    dag: str,
    task: str,
    owner: str,
    error: BaseException | None,
    log_url: str,
    tries: int,
    paths: Paths,
    credentials: Credentials,
) -> None:
    """Tell that a task has used up its tries. Raises as :func:`judged` does."""
    problem = of_task(dag, task, owner, error, log_url, tries)
    _tell([problem], lambda other: other.subject == problem.subject, paths, credentials)


def run_failed(
    dag: str,
    run_id: str,
    owner: str,
    reason: str,
    link: str,
    paths: Paths,
    credentials: Credentials,
) -> None:
    """Tell of a run that failed, unless one of its tasks has. Raises as :func:`judged` does."""
    if not incidents(paths).is_noted(dag, run_id):
        problem = of_run(dag, owner, reason, link)
        _tell([problem], lambda other: other.subject == problem.subject, paths, credentials)


def run_succeeded(dag: str, paths: Paths, credentials: Credentials) -> None:
    """Note that runs end well again. Raises as :func:`judged` does."""
    _tell([], lambda other: other.subject == f"run:{dag}", paths, credentials)


def succeeded(dag: str, task: str, paths: Paths, credentials: Credentials) -> None:
    """Note that a task works, whatever was wrong with it. Raises as :func:`judged` does."""
    subject = f"task:{dag}.{task}"
    _tell([], lambda other: other.subject == subject, paths, credentials)


def _tell(
    problems: Collection[Problem],
    is_judged: Callable[[Problem], bool],
    paths: Paths,
    credentials: Credentials,
) -> None:
    ours = company.load()
    now = datetime.now(UTC)
    known = incidents(paths)
    with _one_at_a_time(paths):
        known.found(problems, now, judged=is_judged)
        unsent = deliver(
            known,
            Addresses(ours.owners, credentials),
            now,
            mine=is_judged,
            reminder=ours.alerts.reminder,
        )
    if unsent:
        log.error("alerts that wait for the next run: %d (`o2o status` lists them)", unsent)


@contextmanager
def _one_at_a_time(paths: Paths) -> Iterator[None]:
    """On one machine, so that two tasks do not both retry what a third could not send."""
    file = paths.home / "alerts" / ".lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(file, timeout=120):
        yield
