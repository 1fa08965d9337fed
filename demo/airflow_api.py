"""The few calls of Airflow's REST API that the demo needs."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from typing import Any

import requests


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
    """A thin client; every method raises ``requests.HTTPError`` with Airflow's own reason."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.session = requests.Session()
        token = self.session.get(f"{base_url}/auth/token", timeout=30)
        token.raise_for_status()
        self.session.headers["Authorization"] = f"Bearer {token.json()['access_token']}"

    def _call(self, method: str, path: str, **arguments: Any) -> Any:
        answer = self.session.request(
            method, f"{self.base_url}/api/v2/{path}", timeout=30, **arguments
        )
        if not answer.ok:
            raise requests.HTTPError(f"{method} {path}: {answer.status_code} {answer.text[:400]}")
        return answer.json() if answer.content else None

    def dag_ids(self) -> set[str]:
        return {dag["dag_id"] for dag in self._call("GET", "dags?limit=100")["dags"]}

    def import_errors(self) -> list[str]:
        return [e["stack_trace"] for e in self._call("GET", "importErrors")["import_errors"]]

    def unpause(self, dag_id: str) -> None:
        self._call("PATCH", f"dags/{dag_id}", json={"is_paused": False})

    def fail_unfinished(self, dag_id: str) -> None:
        """Give up the runs that a killed Airflow left behind: nobody works on them any more, and
        a new run would wait for them."""
        for run in self.runs(dag_id):
            if not run.ended:
                path = f"dags/{dag_id}/dagRuns/{run.run_id}"
                self._call("PATCH", path, json={"state": "failed"})

    def trigger(self, dag_id: str, conf: dict[str, Any]) -> str:
        body = {"logical_date": None, "conf": conf}
        return str(self._call("POST", f"dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def set_pool(self, name: str, slots: int, description: str) -> None:
        body = {"name": name, "slots": slots, "description": description, "include_deferred": False}
        known = {pool["name"] for pool in self._call("GET", "pools?limit=100")["pools"]}
        if name not in known:
            self._call("POST", "pools", json=body)

    def runs(self, dag_id: str) -> list[Run]:
        """The runs of one DAG, newest first."""
        found = self._call("GET", f"dags/{dag_id}/dagRuns?order_by=-run_after&limit=20")["dag_runs"]
        return [_run(row) for row in found]

    def failed_tasks(self, run: Run) -> list[str]:
        rows = self._call("GET", f"dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances")
        return [t["task_id"] for t in rows["task_instances"] if t["state"] == "failed"]


def _run(row: dict[str, Any]) -> Run:
    seconds = row.get("duration")
    if seconds is None and row.get("start_date"):
        started = dt.datetime.fromisoformat(row["start_date"].replace("Z", "+00:00"))
        seconds = time.time() - started.timestamp()
    return Run(row["dag_id"], row["dag_run_id"], row["state"], float(seconds or 0.0))
