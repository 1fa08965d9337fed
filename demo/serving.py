"""Serving the simulated APIs on loopback: in the foreground, or in a thread for tests."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import uvicorn

from demo.vendors import vendors
from demo.vendors.core.app import create_app
from demo.vendors.core.state import Simulation
from demo.vendors.core.wire import parse_time

LOOPBACK = "127.0.0.1"
START_SECONDS = 20


class _Server(uvicorn.Server):
    """Tells when it is ready."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def _config(sim: Simulation) -> uvicorn.Config:
    # Connections cut on purpose would otherwise fill the log with tracebacks.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    return uvicorn.Config(
        create_app(sim, vendors()),
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_keep_alive=60,
    )


def _listen(port: int, host: str = LOOPBACK) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


def _moment(now: datetime | str | None) -> datetime | None:
    return parse_time(now, "now") if isinstance(now, str) else now


def serve(
    world_dir: Path,
    port: int = 0,
    chaos: int = 0,
    now: datetime | str | None = None,
    faults: Sequence[Any] = (),
    seed: int = 0,
    host: str = LOOPBACK,
) -> None:
    """Serve until interrupted; prints one line with the URL once requests are answered."""
    sim = Simulation(world_dir, _moment(now), chaos, seed)
    sim.set_faults(list(faults))
    with _listen(port, host) as listener:
        url = f"http://{host}:{listener.getsockname()[1]}"
        server = _Server(_config(sim), lambda: print(url, flush=True))
        server.run(sockets=[listener])
    sim.close()


@contextmanager
def running(
    world_dir: Path,
    chaos: int = 0,
    now: datetime | str | None = None,
    faults: Sequence[Any] = (),
    seed: int = 0,
    withheld: Sequence[str] = (),
) -> Iterator[str]:
    """Serve in a thread on a free port; yields the base URL and stops the server afterwards.

    ``withheld``: rights, as the vendors call them, that they do not grant.
    """
    sim = Simulation(Path(world_dir), _moment(now), chaos, seed)
    sim.withheld = frozenset(withheld)
    sim.set_faults(list(faults))
    ready = threading.Event()
    listener = _listen(0)
    server = _Server(_config(sim), ready.set)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + START_SECONDS
        while not ready.wait(0.05):
            if not thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("The simulated APIs did not start.")
        yield f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)
        listener.close()
        sim.close()
