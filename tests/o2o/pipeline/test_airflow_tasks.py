"""What Airflow is told of an error, and what owners are told of Airflow."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from typer.testing import CliRunner

from connectors.core.errors import AuthError, ExtractFailed, VendorError
from expectations import runner
from o2o.cli import app
from o2o.commands import terminal
from o2o.pipeline import airflow_tasks
from o2o.pipeline.airflow_settings import alerts, run_alerts
from o2o.pipeline.airflow_tasks import ChecksFailed, plain_errors
from o2o.pipeline.audit import AuditFailed
from tests.o2o.alerts.test_alerts import check
from tests.o2o.conftest import Chat, Mailbox
from warehouse.landing.errors import LandingError, SettingError

VERDICT = runner.AuditResult("a1", "marts", "2026-05-01T06:00:00+00:00", "s1", [check("Berlin")])


@pytest.mark.parametrize(
    ("error", "is_retried"),
    [
        (SettingError("missing setting login"), False),
        (AuthError("refused our credentials"), False),
        (ExtractFailed("acme", [AuthError("no"), AuthError("no")], 0), False),
        (ExtractFailed("acme", [AuthError("no"), VendorError("HTTP 502")], 0), True),
        (VendorError("HTTP 502"), True),
        (LandingError("the store does not answer"), True),
        (OSError("disk"), True),
    ],
)
def test_only_what_may_pass_by_itself_is_tried_again(
    error: Exception, is_retried: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(AirflowException) as caught, plain_errors():
        raise error
    assert isinstance(caught.value, AirflowFailException) is not is_retried
    # The log begins with the error, and no cause's trace stands before it.
    assert caplog.record_tuples[0][1:] == (logging.ERROR, str(error))
    assert caught.value.__suppress_context__


def test_a_fault_of_the_program_keeps_its_trace() -> None:
    with pytest.raises(KeyError), plain_errors():
        raise KeyError("bug")


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mailbox: Mailbox, chat: Chat) -> Path:
    """A company whose owners have a mailbox and a chat."""
    folder = tmp_path / "company"
    folder.mkdir()
    (folder / "company.yml").write_text(
        "owners:\n"
        "  web-shop: {name: Clara Rossi, email: shop@retailer.example, webhook: chat_shop}\n"
        "  data-platform: {email: data@retailer.example}\n"
        "alerts: {report_url: https://reports.retailer.example/}\n"
    )
    monkeypatch.setenv("O2O_COMPANY", str(folder))
    monkeypatch.setenv("O2O_HOME", str(tmp_path / "var"))
    smtp = {"host": "127.0.0.1", "port": mailbox.port, "extra": {"tls": "none"}}
    monkeypatch.setenv("AIRFLOW_CONN_O2O_SMTP", json.dumps({"conn_type": "smtp", **smtp}))
    monkeypatch.setenv(
        "AIRFLOW_CONN_O2O_CHAT_SHOP", json.dumps({"conn_type": "http", "password": chat.url})
    )
    return folder


def context(task: str, error: BaseException | None = None, run_id: str = "run-1") -> dict[str, Any]:
    """What Airflow hands to a callback."""
    instance = SimpleNamespace(
        dag_id="ingest__shopify",
        task_id=task,
        run_id=run_id,
        log_url="http://airflow/dags/ingest__shopify",
        try_number=4,
    )
    return {"ti": instance, "task": SimpleNamespace(owner="web-shop"), "exception": error}


def test_a_task_that_fails_for_good_is_told_once_and_so_is_that_it_works_again(
    company: Path, mailbox: Mailbox, chat: Chat
) -> None:
    told = alerts()
    for _ in range(2):
        told["on_failure_callback"](context("extract", VendorError("HTTP 502 after 8 tries")))
    assert mailbox.subjects == ["[o2o] ingest__shopify.extract failed"]
    assert "HTTP 502 after 8 tries" in mailbox.text()
    assert "More: http://airflow/dags/ingest__shopify" in mailbox.text()
    for _ in range(2):
        told["on_success_callback"](context("extract"))
    assert mailbox.subjects[1:] == ["[o2o] over: ingest__shopify.extract failed"]
    assert len(chat.texts) == 2


def run_context(run_id: str) -> dict[str, Any]:
    """What Airflow hands to a callback of a DAG."""
    dag = SimpleNamespace(dag_id="ingest__shopify", owner="web-shop")
    return {"dag": dag, "run_id": run_id, "reason": "task_failure"}


def test_a_killed_task_cannot_tell_so_its_run_does_once(company: Path, mailbox: Mailbox) -> None:
    told = run_alerts()
    alerts()["on_failure_callback"](context("extract", VendorError("HTTP 502"), "run-1"))
    told["on_failure_callback"](run_context("run-1"))  # its task has told
    assert len(mailbox.mails) == 1
    for run_id in ("run-2", "run-3"):
        told["on_failure_callback"](run_context(run_id))
    assert mailbox.subjects[1:] == ["[o2o] A run of ingest__shopify failed"]
    assert "Airflow says: task_failure" in mailbox.text()
    told["on_success_callback"](run_context("run-4"))
    assert mailbox.subjects[2:] == ["[o2o] over: A run of ingest__shopify failed"]


def test_a_failed_check_is_its_owners_and_not_the_tasks(
    company: Path, mailbox: Mailbox, tmp_path: Path
) -> None:
    told = alerts("marts")
    runner.save(VERDICT, tmp_path / "var" / "reports")
    with pytest.raises(ChecksFailed) as caught, plain_errors():
        raise AuditFailed(VERDICT, "index.html")
    told["on_failure_callback"](context("audit", caught.value))
    assert mailbox.subjects == ["[o2o] Every order is in the marts (orders_conserved)"]
    runner.save(replace(VERDICT, checks=[]), tmp_path / "var" / "reports")
    told["on_success_callback"](context("audit"))
    assert [s.partition(":")[0] for s in mailbox.subjects[1:]] == ["[o2o] over"]


def test_the_verdict_on_one_boundary_ends_nothing_of_the_other(
    company: Path, mailbox: Mailbox, tmp_path: Path
) -> None:
    reports = tmp_path / "var" / "reports"
    runner.save(VERDICT, reports)
    alerts("marts")["on_success_callback"](context("audit"))
    runner.save(replace(VERDICT, boundary="landing", checks=[]), reports)
    alerts("landing")["on_success_callback"](context("check_landed"))
    assert len(mailbox.mails) == 1


def test_a_place_that_is_not_listed_any_more_may_still_be_off(
    company: Path, mailbox: Mailbox, tmp_path: Path
) -> None:
    reports = tmp_path / "var" / "reports"
    runner.save(VERDICT, reports)
    alerts("marts")["on_success_callback"](context("audit"))
    many = check(*(f"S{n:03}" for n in range(runner.SHOWN_PLACES)))
    runner.save(replace(VERDICT, checks=[many]), reports)
    alerts("marts")["on_success_callback"](context("audit"))
    assert not any("over" in subject for subject in mailbox.subjects)


def test_status_and_list_show_what_is_wrong_and_what_could_not_be_told(
    company: Path, monkeypatch: pytest.MonkeyPatch, mailbox: Mailbox
) -> None:
    monkeypatch.setattr(terminal.out, "_width", 200)
    monkeypatch.delenv("AIRFLOW_CONN_O2O_CHAT_SHOP")
    alerts()["on_failure_callback"](context("extract", VendorError("HTTP 502")))
    for command in (["status"], ["alerts", "list"]):
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 0
        assert "ingest__shopify.extract failed" in done.output
        assert "alerts wait, because chat: no connection configured" in done.output
    assert len(mailbox.mails) == 1


def test_a_test_message_arrives_or_the_reason_why_not(
    company: Path, monkeypatch: pytest.MonkeyPatch, mailbox: Mailbox, chat: Chat
) -> None:
    done = CliRunner().invoke(app, ["alerts", "test", "web-shop"])
    assert (done.exit_code, len(mailbox.mails), len(chat.texts)) == (0, 1, 1)
    assert "alerts for web-shop" in mailbox.subjects[0]
    chat.status = 404
    done = CliRunner().invoke(app, ["alerts", "test", "web-shop"])
    assert done.exit_code == 1
    assert "chat: 127.0.0.1 did not take the message: HTTP 404" in done.output
    done = CliRunner().invoke(app, ["alerts", "test", "webshop"])
    assert done.exit_code == 2
    assert "did you mean web-shop?" in done.output


def test_a_mail_server_out_of_reach_leaves_the_callback_whole(
    company: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(
        "AIRFLOW_CONN_O2O_SMTP", '{"conn_type": "smtp", "host": "127.0.0.1", "port": 1}'
    )
    alerts()["on_failure_callback"](context("extract", VendorError("HTTP 502")))
    assert "alerts that wait for the next run: 1" in caplog.text
    assert airflow_tasks.credentials("smtp").port == 1
