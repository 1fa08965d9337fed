"""The demo's processes end with their launcher, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from demo.stack import Stack, StackFailed, airflow_environment
from o2o.pipeline.paths import Paths

LAUNCHER = """
import signal, sys, time
from pathlib import Path
from demo.stack import Stack
from o2o.pipeline.paths import Paths

# A shell that starts the tests in the background has its children ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
home = Path(sys.argv[1])
with Stack(Paths(home, str(home / "landing"))) as stack:
    stack.start("sleeper", [sys.executable, "-c", sys.argv[2]], {})
    signal.pause()
"""
SLEEPER = (
    "import os, pathlib, signal;"
    " pathlib.Path({file!r}).write_text(str(os.getpid())); signal.pause()"
)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks processes up in /proc")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_what_was_started_ends_with_the_launcher(end: signal.Signals, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    sleeper = SLEEPER.format(file=str(file))
    launcher = subprocess.Popen([sys.executable, "-c", LAUNCHER, str(tmp_path), sleeper])
    # However slow the machine: nothing here but a signal ends the two.
    while not (file.exists() and file.read_text()):
        assert launcher.poll() is None, "the launcher ended by itself"
        time.sleep(0.1)
    pid = int(file.read_text())
    try:
        assert is_alive(pid)
        os.kill(launcher.pid, end)
        launcher.wait()
        while is_alive(pid):
            time.sleep(0.1)
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_whoever_waits_for_an_ended_process_is_told_of_its_end(tmp_path: Path) -> None:
    def refused() -> bool:
        time.sleep(3)
        raise requests.ConnectionError("connection refused")

    with Stack(Paths(tmp_path, "")) as stack:
        stack.start("server", [sys.executable, "-c", "print('out of memory'); exit(3)"], {})
        with pytest.raises(StackFailed, match=r"server ended with code 3.*\n.*out of memory"):
            stack.wait_until("an answer", refused)


def test_a_write_waits_for_another_one_that_takes_long(tmp_path: Path) -> None:
    """Airflow's own connection: SQLite by itself gives up after 5 s, as a 500 of Airflow's API."""
    environment = airflow_environment(Paths(tmp_path, ""), 8080, tmp_path, {})
    (tmp_path / "airflow").mkdir()
    writer = """
from airflow import settings
from sqlalchemy import text
with settings.engine.begin() as connection:
    print(connection.execute(text("pragma busy_timeout")).scalar())
"""
    done = subprocess.run(
        [sys.executable, "-c", writer], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "15000"


def test_a_process_that_ends_by_itself_is_named_with_its_log(tmp_path: Path) -> None:
    with Stack(Paths(tmp_path, "")) as stack:
        stack.start("short", [sys.executable, "-c", "print('out of memory'); exit(3)"], {})
        with pytest.raises(StackFailed, match=r"short ended with code 3.*\n.*out of memory"):
            stack.wait_until("nothing", lambda: False)
