"""Commands as forks of one process that has imported what they need.

A fork has its own memory, connections and end, as a process started afresh has. What it does not do
again is to import dbt and Great Expectations: four to eight seconds of most commands.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

from tests import parsed

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Command:
    """A function without parameters, ``module:function``, and what it finds in ``sys.argv``, in its
    environment and in its folder.

    ``imports`` are modules that the first such command imports for all. Only what others wrote:
    what is ours may look at the environment. And not DuckDB: it starts threads as soon as it is
    imported, and no thread comes along into a fork.
    """

    function: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    imports: Sequence[str]
    folder: str = str(ROOT)


def run(command: Command) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; its exit code (negative: the signal that ended it), and what it
    said on both outputs."""
    return _forks().run(command)


def function(place: str) -> Callable[[], object]:
    """What ``module:function`` names."""
    module, _, name = place.partition(":")
    found: Callable[[], object] = getattr(import_module(module), name)
    return found


class _Forks:
    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forks"],
            cwd=ROOT,
            # As expectations/context.py says it, before it imports the package.
            env={**os.environ, "GX_ANALYTICS_ENABLED": "false"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, command: Command) -> subprocess.CompletedProcess[str]:
        assert self._process.stdin
        assert self._process.stdout
        with tempfile.NamedTemporaryFile("r", encoding="utf-8") as output:
            try:
                print(json.dumps([asdict(command), output.name]), file=self._process.stdin)
                self._process.stdin.flush()
                code = int(self._process.stdout.readline())
            except BaseException:  # a time-out, or somebody who is tired of waiting
                os.killpg(self._process.pid, signal.SIGKILL)
                _forks.cache_clear()
                raise
            said = output.read()
        return subprocess.CompletedProcess([command.function, *command.arguments], code, said)

    def end(self) -> None:
        self._process.communicate()


@cache
def _forks() -> _Forks:
    forks = _Forks()
    atexit.register(forks.end)
    return forks


def _next_command() -> Command:
    """Fork for each command that comes in; returns in the forks alone."""
    for line in sys.stdin:
        values, output = json.loads(line)
        command = Command(**values)
        for name in command.imports:
            import_module(name)
        assert "duckdb" not in sys.modules, "it does not survive a fork"
        gc.freeze()  # so that no fork copies pages by looking for garbage in them
        if not (child := os.fork()):
            for descriptor, file in ((0, os.devnull), (1, output), (2, output)):
                os.dup2(os.open(file, os.O_RDWR | os.O_APPEND), descriptor)
            return command
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    raise SystemExit


def _main() -> None:
    command = _next_command()
    os.environ.clear()
    os.environ.update(command.environment)
    os.chdir(command.folder)
    sys.argv = [command.function, *command.arguments]
    if parsed.FOLDER in os.environ and "dbt.cli.main" in command.imports:
        parsed.share()
    # Here the interpreter ends as it does after any command, and closes what is open.
    sys.exit(function(command.function)())


if __name__ == "__main__":
    _main()
