"""The launcher's client of Airflow: it outlives a hiccup, and starts nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import jwt
import pytest
import requests

from demo.airflow_api import AirflowApi
from demo.stack import StackFailed
from tests.connectors.vendor_stub import Answer, Vendor

SECRET = "s" * 64
LOCKED = Answer({"detail": "database is locked"}, status=500)
RUNS = "/api/v2/dags/transform/dagRuns"


@pytest.fixture
def airflow() -> Iterator[Vendor]:
    server = Vendor()
    server.on("GET", "/auth/token", Answer({"access_token": jwt.encode({}, SECRET, "HS512")}))
    yield server
    server.close()


def row(run_id: str, state: str) -> dict[str, object]:
    return {"dag_id": "transform", "dag_run_id": run_id, "state": state, "duration": 3.5}


def asked(airflow: Vendor, method: str) -> list[str]:
    return [request.path for request in airflow.requests if request.method == method]


def test_a_question_is_repeated_when_airflow_fails(airflow: Vendor) -> None:
    airflow.on("GET", f"{RUNS}/r1", LOCKED, LOCKED, Answer(row("r1", "success")))
    assert AirflowApi(airflow.url, SECRET).run("transform", "r1").ended


def test_a_run_is_not_asked_for_twice_and_the_reason_is_told(airflow: Vendor) -> None:
    airflow.on("POST", RUNS, LOCKED, Answer(row("r1", "queued")))
    with pytest.raises(requests.HTTPError, match=r"POST dags/transform/dagRuns: 500 .*locked"):
        AirflowApi(airflow.url, SECRET).trigger("transform", {})
    assert len(asked(airflow, "POST")) == 1


def test_the_airflow_of_another_demo_is_left_alone(airflow: Vendor) -> None:
    with pytest.raises(StackFailed, match=f"another Airflow answers at {airflow.url}"):
        AirflowApi(airflow.url, "ours" * 16)
    assert len(airflow.requests) == 1


def test_what_an_earlier_airflow_left_is_forgotten(airflow: Vendor) -> None:
    queued = "/api/v2/dags/transform/assets/queuedEvents"
    airflow.on("GET", RUNS, Answer({"dag_runs": [row("r1", "running"), row("r2", "queued")]}))
    airflow.on("PATCH", f"{RUNS}/r1", Answer({}))
    airflow.on("PATCH", f"{RUNS}/r2", Answer({}))
    airflow.on("GET", queued, Answer({"total_entries": 5}))
    airflow.on("DELETE", queued, Answer(b"", status=204))
    AirflowApi(airflow.url, SECRET).forget_unfinished("transform")
    assert asked(airflow, "PATCH") == [f"{RUNS}/r1", f"{RUNS}/r2"]
    assert asked(airflow, "DELETE") == [queued]


def test_dags_that_only_an_older_database_knows_do_not_count(airflow: Vendor) -> None:
    dags = [
        {"dag_id": "old", "last_parsed_time": "2026-05-01T12:00:00Z"},
        {"dag_id": "new", "last_parsed_time": "2026-05-02T12:00:00Z"},
        {"dag_id": "unread", "last_parsed_time": None},
    ]
    errors = [
        {"timestamp": "2026-05-01T12:00:00Z", "stack_trace": "mended since"},
        {"timestamp": "2026-05-02T12:00:00Z", "stack_trace": "broken"},
    ]
    airflow.on("GET", "/api/v2/dags", Answer({"dags": dags}))
    airflow.on("GET", "/api/v2/importErrors", Answer({"import_errors": errors}))
    api, since = AirflowApi(airflow.url, SECRET), datetime(2026, 5, 2, tzinfo=UTC)
    assert api.dags_read(since) == {"new"}
    assert api.import_errors(since) == ["broken"]
