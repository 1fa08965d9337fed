"""``.env`` is read by a shell and by compose: one way to quote that both understand."""

from __future__ import annotations

import json
import re
import subprocess
from io import StringIO
from pathlib import Path

import pytest
from dotenv import dotenv_values
from typer.testing import CliRunner

from connectors.core.settings import from_env
from demo.__main__ import app

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = (ROOT / ".env.example").read_text()
ODD = "a'b\"c$HOME ${HOME} `id` #d e\\f!g;h&i=%20 ü"


def by_shell(text: str, folder: Path) -> dict[str, str]:
    """What ``set -a; . ./.env`` sets."""
    (folder / ".env").write_text(text)
    script = "set -a; . ./.env; set +a; env -0"
    done = subprocess.run(
        ["bash", "-euc", script], cwd=folder, env={"HOME": "/h"}, capture_output=True, check=True
    )
    assert done.stderr == b""
    said = dict(line.split("=", 1) for line in done.stdout.decode().split("\0") if line)
    return {name: value for name, value in said.items() if name in by_compose(text)}


def by_compose(text: str) -> dict[str, str | None]:
    """What a reader by compose's rules finds (docker-compose 1 read it by this very library)."""
    return dotenv_values(stream=StringIO(text))


def uncommented(text: str) -> str:
    return re.sub(r"^# (?=[A-Z0-9_]+=)", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize("text", [EXAMPLE, uncommented(EXAMPLE)])
def test_the_example_says_the_same_to_both(text: str, tmp_path: Path) -> None:
    said = by_shell(text, tmp_path)
    assert said == by_compose(text)
    assert {"POSTGRES_PASSWORD", "AIRFLOW_JWT_SECRET"} <= said.keys()


def test_single_quotes_keep_what_a_shell_would_read(tmp_path: Path) -> None:
    text = f"SECRET='{ODD.replace(chr(39), '').replace('${HOME}', '').replace(chr(92), '')}'"
    assert by_shell(text, tmp_path) == by_compose(text)


def test_the_examples_of_connections_are_connections(tmp_path: Path) -> None:
    said = by_shell(uncommented(EXAMPLE), tmp_path)
    found = [value for name, value in said.items() if name.startswith("AIRFLOW_CONN_")]
    assert len(found) > 5
    for value in found:
        json.loads(value.replace("{…}", "{}"))


def test_a_printed_connection_survives_whatever_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = CliRunner().invoke(app, ["connections", "--url", f"http://x/{ODD}"]).stdout
    said = by_shell(printed, tmp_path)
    assert said == by_compose(printed)
    monkeypatch.setenv("AIRFLOW_CONN_O2O_SHOPIFY", said["AIRFLOW_CONN_O2O_SHOPIFY"])
    assert from_env("shopify").host == f"http://x/{ODD}/shopify"
