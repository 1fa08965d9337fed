"""No secret and no command to the terminal is in what is printed or logged."""

from __future__ import annotations

import json
import logging

import pytest
from typer.testing import CliRunner

from o2o.cli import app
from o2o.commands import terminal
from o2o.errors import O2OError
from o2o.shown import secrets, shown, visible

CONNECTION = {
    "host": "https://user:h0st-pw@shop.example",
    "login": "client-id",
    "password": "pass-of-shop",
    "extra": {
        "refresh_token": "refresh-1234",
        "customer_id": "1234567890",
        "service_account": {"private_key": "-----BEGIN KEY", "client_email": "a@b.example"},
    },
}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("GET https://user:pw@host/a failed", "GET https://***@host/a failed"),
        ("s3://KEY:se/cret@bucket", "s3://***@bucket"),
        ("s3://KEY:secret@bucket/x", "s3://***@bucket/x"),
        ("postgresql+psycopg2://a:b@db/x", "postgresql+psycopg2://***@db/x"),
        ("/v1?token=abc&page=2", "/v1?token=***&page=2"),
        ("u?x=1&api_key=a%20b and more", "u?x=1&api_key=*** and more"),
        ("u?X-Amz-Signature=ab12&n=1", "u?X-Amz-Signature=***&n=1"),
        ("Authorization: Bearer ey.J9-_x", "Authorization: Bearer ***"),
        ("https://hooks.slack.com/services/T0/B0/xyz!", "https://hooks.slack.com/***"),
        ("https://x.webhook.office.com/webhookb2/a@b/c", "https://x.webhook.office.com/***"),
        ("https://chat.example/hooks/abc?x=1", "https://chat.example/hooks/***"),
        ("mail anna@example.com to page=2", "mail anna@example.com to page=2"),
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str, said: str) -> None:
    assert shown(text) == said


def test_secrets_of_the_settings_are_masked_wherever_they_are_echoed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_O2O_SHOPIFY", json.dumps(CONNECTION))
    monkeypatch.setenv("O2O_SUPPRESSION_KEY", "suppressing")
    monkeypatch.setenv("AIRFLOW_CONN_O2O_SQUARE", '{"password": "half a conn')
    known = {"h0st-pw", "pass-of-shop", "refresh-1234", "-----BEGIN KEY", "suppressing"}
    assert known <= secrets()
    said = shown(f"bad key {' '.join(sorted(known))} of client-id 1234567890 a@b.example")
    assert said == "bad key *** *** *** *** *** of client-id 1234567890 a@b.example"
    assert "half a conn" not in shown('x {"password": "half a conn')


def test_control_characters_are_seen_and_not_obeyed() -> None:
    assert visible("a\x1b[2Jb\x07\x9b31m\x00c\u202ed") == "a␛[2Jb␇�31m␀c�d"
    assert visible("two\nlines\tof größe 日本") == "two\nlines\tof größe 日本"


def test_an_error_is_shown_safely(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("O2O_IDENTITY_KEY", "the-key-itself")
    with pytest.raises(terminal.typer.Exit), terminal.clear_errors():
        raise O2OError("vendor said \x1b]0;owned\x07 the-key-itself at https://a:b@c/")
    terminal.out.print("cell \x1b[31m")
    terminal.warn("of \x1b[31m ?token=abc")
    logging.getLogger("o2o.x").warning("%s", "line \x1b[31m ?token=abc")
    said = capsys.readouterr()
    text = said.out + said.err
    assert "\x1b]" not in text
    assert "\x1b[31m" not in text
    assert "the-key-itself" not in text
    assert "a:b" not in text
    assert "token=abc" not in text
    assert "␛" in said.out


def test_a_wrong_connection_does_not_show_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_O2O_SHOPIFY", "{'password': 'not-json'")
    done = CliRunner().invoke(app, ["extract", "shopify"])
    assert done.exit_code == 2
    assert "not-json" not in done.output
