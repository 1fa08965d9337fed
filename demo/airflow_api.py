"""The few calls of Airflow's REST API that the demo needs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from demo.stack import DATABASE_SECONDS, StackFailed

# Longer than Airflow itself waits for its database.
TIMEOUT_SECONDS = 2 * DATABASE_SECONDS
# What may be asked twice is asked again: all but POST, which would start a second run.
RETRY = Retry(
    total=5,
    backoff_factor=0.5,
    status_forcelist=(500, 502, 503, 504),
    allowed_methods=("GET", "PATCH", "DELETE"),
    raise_on_status=False,
)


@dataclass(frozen=True)
class Run:
    """One DAG run: ``seconds`` since its start, or its whole length once it has ended."""

    dag_id: str
    run_id: str
    state: str
    seconds: float

    @property
    def ended(self) -> bool:
        return self.state in ("success", "failed")


class AirflowApi:
    """A thin client; every method raises ``requests.HTTPError`` with Airflow's own reason.

    ``secret`` is what our Airflow signs its tokens with. Raises ``StackFailed`` if another one
    answers: that of a demo which took the same free port at the same moment.
    """

    def __init__(self, base_url: str, secret: str) -> None:
        self.base_url = base_url
        self.session = requests.Session()
        self.session.mount(base_url, HTTPAdapter(max_retries=RETRY))
        token = self.session.get(f"{base_url}/auth/token", timeout=TIMEOUT_SECONDS)
        token.raise_for_status()
        signed = token.json()["access_token"]
        try:
            jwt.decode(signed, secret, algorithms=["HS512"], options={"verify_aud": False})
        except jwt.InvalidSignatureError:
            raise StackFailed(f"another Airflow answers at {base_url}: start again") from None
        self.session.headers["Authorization"] = f"Bearer {signed}"

    def _call(self, method: str, path: str, **arguments: Any) -> Any:
        answer = self.session.request(
            method, f"{self.base_url}/api/v2/{path}", timeout=TIMEOUT_SECONDS, **arguments
        )
        if not answer.ok:
            raise requests.HTTPError(f"{method} {path}: {answer.status_code} {answer.text[:400]}")
        return answer.json() if answer.content else None

    def dags_read(self, since: datetime) -> set[str]:
        """The DAGs whose file Airflow has read since then: an older database knows old ones."""
        dags = self._call("GET", "dags?limit=100")["dags"]
        read = {dag["dag_id"]: dag["last_parsed_time"] for dag in dags}
        return {name for name, at in read.items() if at and _moment(at) >= since}

    def import_errors(self, since: datetime) -> list[str]:
        errors = self._call("GET", "importErrors")["import_errors"]
        return [e["stack_trace"] for e in errors if _moment(e["timestamp"]) >= since]

    def unpause(self, dag_id: str) -> None:
        self._call("PATCH", f"dags/{dag_id}", json={"is_paused": False})

    def forget_unfinished(self, dag_id: str) -> None:
        """Give up what an earlier Airflow left behind. Its unfinished runs: nobody works on them
        any more, and a new run would wait for them. The asset updates it has counted: with them
        the DAG would start before this run's updates are complete."""
        for run in self.runs(dag_id, "&state=queued&state=running"):
            self._call("PATCH", f"dags/{dag_id}/dagRuns/{run.run_id}", json={"state": "failed"})
        queued = f"dags/{dag_id}/assets/queuedEvents"
        if self._call("GET", queued)["total_entries"]:
            self._call("DELETE", queued)

    def trigger(self, dag_id: str, conf: dict[str, Any]) -> str:
        body = {"logical_date": None, "conf": conf}
        return str(self._call("POST", f"dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def set_pool(self, name: str, slots: int, description: str) -> None:
        body = {"name": name, "slots": slots, "description": description, "include_deferred": False}
        known = {pool["name"] for pool in self._call("GET", "pools?limit=100")["pools"]}
        if name not in known:
            self._call("POST", "pools", json=body)

    def run(self, dag_id: str, run_id: str) -> Run:
        return _run(self._call("GET", f"dags/{dag_id}/dagRuns/{run_id}"))

    def runs(self, dag_id: str, filters: str = "") -> list[Run]:
        """The newest runs of one DAG, newest first."""
        path = f"dags/{dag_id}/dagRuns?order_by=-run_after&limit=100{filters}"
        return [_run(row) for row in self._call("GET", path)["dag_runs"]]

    def failed_tasks(self, run: Run) -> list[str]:
        rows = self._call("GET", f"dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances")
        return [t["task_id"] for t in rows["task_instances"] if t["state"] == "failed"]


def _run(row: dict[str, Any]) -> Run:
    seconds = row.get("duration")
    if seconds is None and row.get("start_date"):
        seconds = time.time() - _moment(row["start_date"]).timestamp()
    return Run(row["dag_id"], row["dag_run_id"], row["state"], float(seconds or 0.0))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
