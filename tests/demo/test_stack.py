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

from demo.stack import Stack, StackFailed
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


def test_a_process_that_ends_by_itself_is_named_with_its_log(tmp_path: Path) -> None:
    with Stack(Paths(tmp_path, "")) as stack:
        stack.start("short", [sys.executable, "-c", "print('out of memory'); exit(3)"], {})
        with pytest.raises(StackFailed, match=r"short ended with code 3.*\n.*out of memory"):
            stack.wait_until("nothing", lambda: False)
