"""The processes of the demo: the outside world on one side, a real Airflow on the other.

Both listen on loopback only. Airflow runs as it does in production, in separate processes; what
differs is its metadata database (SQLite) and that everybody who reaches the port is an admin.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType

import requests

from o2o.pipeline.paths import Paths

ROOT = Path(__file__).resolve().parent.parent
# Airflow's processes, and what its report of health calls them.
AIRFLOW_PARTS = {
    "api-server": "metadatabase",
    "dag-processor": "dag_processor",
    "scheduler": "scheduler",
    "triggerer": "triggerer",
}
SERVE_LOGS = ("scheduler", "triggerer")
START_SECONDS = 180
# SQLite lets one write at a time; the others wait so long, then fail. A busy machine needs more
# than its five seconds; much more, and two requests that wait for each other would stop Airflow.
DATABASE_SECONDS = 15


class StackFailed(Exception):
    """A process of the demo ended or did not come up; the message names its log."""


def free_port(preferred: int) -> int:
    """The preferred port on loopback, or any free one if somebody has it."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise StackFailed("no free port on 127.0.0.1")


@dataclass
class Stack:
    """Starts processes, watches them, and stops them all when the block ends, however it ends."""

    paths: Paths
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __enter__(self) -> Stack:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for process in self.processes.values():
            _signal_group(process, signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                _signal_group(process, signal.SIGKILL)

    def log_of(self, name: str) -> Path:
        return self.paths.home / "logs" / f"{name}.log"

    def start(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        log = self.log_of(name)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "demo.leash", *command],
                cwd=ROOT,
                env=dict(environment),
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # a group of its own, so that a stop reaches its children
            )

    def check(self) -> None:
        """Raise ``StackFailed`` if a process has ended by itself."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                tail = self.log_of(name).read_text(errors="replace").splitlines()[-15:]
                raise StackFailed(
                    f"{name} ended with code {process.returncode}; its log {self.log_of(name)} "
                    "ends with:\n  " + "\n  ".join(tail)
                )

    def wait_until(
        self, what: str, is_ready: Callable[[], bool], seconds: int = START_SECONDS
    ) -> None:
        """Ask every half second; raises ``StackFailed`` after ``seconds``, or if a process ends."""
        deadline = time.monotonic() + seconds
        while not self._asked(is_ready):
            if time.monotonic() > deadline:
                raise StackFailed(
                    f"waited {seconds} s in vain for {what}; see {self.paths.home}/logs"
                )
            time.sleep(0.5)

    def _asked(self, is_ready: Callable[[], bool]) -> bool:
        try:
            return is_ready()
        finally:
            self.check()  # also when nobody answered: an ended process is the better reason


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if process.poll() is None:
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return


def start_simulator(
    stack: Stack, world: Path, now: datetime, chaos: int, faults: Sequence[str]
) -> str:
    """Serve the demo world as it is at ``now``; returns its base URL."""
    port = free_port(8765)
    command = [sys.executable, "-m", "demo", "serve", "--world", str(world)]
    command += ["--port", str(port), "--now", now.isoformat(), "--chaos", str(chaos)]
    stack.start("simulator", command, os.environ)
    url = f"http://127.0.0.1:{port}"
    stack.wait_until("the simulator", lambda: _answers(f"{url}/_sim/health"))
    if faults:
        answer = requests.put(f"{url}/_sim/faults", json={"faults": list(faults)}, timeout=30)
        if not answer.ok:
            raise StackFailed(f"the simulator does not take these faults: {answer.text}")
    return url


def start_reports(stack: Stack) -> str:
    """Serve the owners' report and the Data Docs; returns the URL."""
    port = free_port(8766)
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    stack.start("reports", [*command, "--directory", str(stack.paths.reports)], os.environ)
    url = f"http://127.0.0.1:{port}"
    stack.wait_until("the reports", lambda: _answers(url))
    return url


def airflow_environment(
    paths: Paths,
    port: int,
    company: Path,
    connections: Mapping[str, Mapping[str, object]],
    url: str = "",
) -> dict[str, str]:
    """Airflow's settings for the demo, all by environment: the home folder stays untouched.
    ``company`` is the folder of its configuration, ``url`` the simulator's."""
    home = paths.home / "airflow"
    settings = {
        "API__BASE_URL": f"http://127.0.0.1:{port}",
        "API__HOST": "127.0.0.1",
        "API__PORT": str(port),
        "API__SECRET_KEY": secrets.token_hex(32),
        "API__WORKERS": "1",
        "API_AUTH__JWT_SECRET": secrets.token_hex(64),
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        "CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__PARALLELISM": "3",
        "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "DAG_PROCESSOR__REFRESH_INTERVAL": "60",
        "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}?timeout={DATABASE_SECONDS}",
        "LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
    }
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "O2O_HOME": str(paths.home),
        "O2O_LANDING_URL": paths.landing_url,
        "O2O_AIRFLOW_DATABASE": settings["DATABASE__SQL_ALCHEMY_CONN"],
        "O2O_SCHEDULES": "off",  # they follow the world's clock: its days pass run by run
        "O2O_COMPANY": str(company),
        **dict.fromkeys(("O2O_SOURCES", "O2O_LINKAGE"), ""),  # nobody's but the demo's
        "O2O_EXPERIMENTS": f"{url}/sheets/experiments.csv" if url else "",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        **{f"AIRFLOW__{name}": value for name, value in settings.items()},
    }
    for source, connection in connections.items():
        environment[f"AIRFLOW_CONN_O2O_{source.upper()}"] = json.dumps(connection)
    return environment


def migrate_airflow(stack: Stack, environment: Mapping[str, str]) -> None:
    """Make or upgrade Airflow's metadata database."""
    Path(environment["AIRFLOW_HOME"]).mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "airflow", "db", "migrate"]
    log = stack.log_of("airflow-migrate")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        done = subprocess.run(
            command, env=dict(environment), stdout=output, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode:
        raise StackFailed(f"Airflow's database could not be made: see {log}")


def start_airflow(stack: Stack, environment: Mapping[str, str], *parts: str) -> None:
    """Start these parts and wait until each one reports healthy."""
    for part in parts:
        command = [sys.executable, "-m", "airflow", part]
        # Their log servers would listen on every interface; logs are read from disk.
        command += ["--skip-serve-logs"] if part in SERVE_LOGS else []
        stack.start(f"airflow-{part}", command, environment)
    url = f"{environment['AIRFLOW__API__BASE_URL']}/api/v2/monitor/health"

    def healthy() -> bool:
        try:
            report = requests.get(url, timeout=5).json()
        except requests.RequestException:
            return False
        return all(report[AIRFLOW_PARTS[part]]["status"] == "healthy" for part in parts)

    stack.wait_until(f"Airflow's {' and '.join(parts)} to be healthy", healthy)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False
