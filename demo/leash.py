"""``python -m demo.leash COMMAND …``: run a command that ends when its starter is gone.

A launcher that was killed with ``kill -9`` cannot stop what it has started. An Airflow that lived
on would go on writing to a run folder which the next launcher believes to be its own.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

GRACE_SECONDS = 10


def main(command: list[str]) -> int:
    """Run the command in this process group; returns its exit code."""
    starter = os.getppid()
    # A stop is sent to the whole group: the command acts on it, the leash waits for the command.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    process = subprocess.Popen(command, preexec_fn=_listen_again)
    while True:
        try:
            return process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            if os.getppid() != starter:
                os.killpg(0, signal.SIGTERM)
                try:
                    return process.wait(timeout=GRACE_SECONDS)
                except subprocess.TimeoutExpired:
                    os.killpg(0, signal.SIGKILL)


def _listen_again() -> None:
    """Ignored signals are inherited; the command must hear them."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
