"""What would grow for ever: files of loads, drafts of the killed, Airflow's records and logs.

Reports prune themselves (``expectations.context``), publications too (``remote_copy``).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from o2o import company
from o2o.errors import O2OError
from o2o.pipeline.build import one_writer
from o2o.pipeline.paths import Paths
from warehouse.landing.compaction import merge
from warehouse.landing.storage import Storage
from warehouse.landing.zone import Landing

# Loads stay as they came for so long: whoever looks into yesterday's trouble finds them.
YOUNG = timedelta(days=2)
# A draft that is older belongs to nobody: no load, audit or publication takes so long.
DRAFT = timedelta(days=1)
DATABASE = "O2O_AIRFLOW_DATABASE"
# What tells of runs. DAGs, their versions, triggers and sessions Airflow looks after itself.
_RECORDS = (
    "log", "job", "dag_run", "task_instance", "task_instance_history", "task_reschedule", "xcom",
    "asset_event", "import_error",
)  # fmt: skip


class UpkeepFailed(O2OError):
    """Something could not be tidied; says what and why."""


@dataclass
class MergedLanding:
    """Files before and after, and by stream the files that are no loads."""

    before: int = 0
    after: int = 0
    refused: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Space:
    """What something takes on its disk or in its store."""

    name: str
    files: int
    bytes: int


def merge_loads(paths: Paths, now: datetime) -> MergedLanding:
    """Merge the small files of every connection in use, as long as nobody builds.

    Raises BuildFailed while a build runs on this machine (Airflow's pool keeps others out),
    StorageError."""
    landing = Landing(paths.landing_url)
    done = MergedLanding()
    with one_writer(paths):
        for name in company.load().landing:
            for place in landing.streams(name):
                merged = merge(place, now - YOUNG)
                done.before += merged.before
                done.after += merged.after
                if merged.refused:
                    done.refused[place.name] = merged.refused
    return done


def remove_drafts(paths: Paths, now: datetime) -> list[str]:
    """Remove what killed writers have left in the run folder and at the state's URL; returns the
    names. Those of the landing zone each stream's next load removes. Raises OSError, StorageError.
    """
    removed = []
    for folder in (paths.reports, paths.published.parent, paths.warehouse.parent):
        for file in folder.rglob("*.tmp"):
            if file.is_file() and _age(file, now) > DRAFT:
                file.unlink(missing_ok=True)
                removed.append(str(file))
    if paths.state_url:
        storage = Storage(paths.state_url)
        for stored in storage.files():
            at = datetime.fromtimestamp(stored.modified / 1e9, UTC)
            if stored.name.endswith(".tmp") and stored.modified and now - at > DRAFT:
                storage.delete(stored.name)
                removed.append(stored.name)
    return removed


def remove_logs(folder: Path, now: datetime) -> int:
    """Remove the logs of Airflow's tasks that are older than the company keeps them, and folders
    that are empty then; returns how many. Raises OSError."""
    keep = timedelta(days=company.load().upkeep.logs_days)
    removed = 0
    for file in list(folder.rglob("*.log")):
        if file.is_file() and not file.is_symlink() and _age(file, now) > keep:
            file.unlink(missing_ok=True)
            removed += 1
    for each in sorted((p for p in folder.rglob("*") if p.is_dir()), reverse=True):
        if not each.is_symlink() and _age(each, now) > DRAFT and not any(each.iterdir()):
            each.rmdir()
    return removed


def forget_runs(now: datetime) -> str | None:
    """Remove Airflow's records of runs that are older than the company keeps them.

    Tasks may not open Airflow's database, so its address must be told them once more; returns why
    nothing was done if it is not. The newest run of each DAG stays. Raises UpkeepFailed.
    """
    if not (address := os.environ.get(DATABASE)):
        return (
            f"{DATABASE} is not set where this task runs: Airflow's records of runs stay. Set it to"
            " the database's address, or run `airflow db clean` beside the scheduler"
        )
    until = now - timedelta(days=company.load().upkeep.runs_days)
    command = [sys.executable, "-m", "airflow", "db", "clean", "--yes", "--skip-archive"]
    command += ["--clean-before-timestamp", until.isoformat(timespec="seconds")]
    command += ["--tables", ",".join(_RECORDS), "--error-on-cleanup-failure"]
    environment = {**os.environ, "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": address}
    environment.pop("AIRFLOW__CORE__SQL_ALCHEMY_CONN", None)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        # Its output may hold the database's address.
        said = [line for line in done.stderr.splitlines() if line.strip() and address not in line]
        raise UpkeepFailed(f"airflow db clean failed: {said[-1] if said else 'it said nothing'}")
    return None


def space(paths: Paths) -> Iterator[Space]:
    """What landing, warehouse, publication, reports and Airflow's logs take."""
    files = Landing(paths.landing_url).files()
    landed = [file for file in files if file.name.endswith(".parquet")]
    yield Space("landing", len(landed), sum(file.size for file in landed))
    airflow = Path(os.environ.get("AIRFLOW_HOME") or paths.home / "airflow")
    for name, folder in (
        ("warehouse", paths.warehouse.parent),
        ("publication", paths.published.parent),
        ("reports", paths.reports),
        ("Airflow", airflow),
    ):
        sizes = [file.stat().st_size for file in folder.rglob("*") if file.is_file()]
        if sizes:
            yield Space(name, len(sizes), sum(sizes))


def free(paths: Paths) -> int:
    """Bytes that are free on the run folder's disk."""
    folder = paths.home
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _age(file: Path, now: datetime) -> timedelta:
    return now - datetime.fromtimestamp(file.stat().st_mtime, UTC)
