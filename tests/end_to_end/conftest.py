"""One small demo world for all test processes of a run, and warehouses that read it over HTTP."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from demo import world
from demo.companies import Company
from demo.serving import running
from demo.vendors import connections
from tests.end_to_end.installation import Installation

PERSONS = 1_500
DAYS = 28  # from 1 February: the extra days reach into March
FIRST_CLOCK = datetime.combine(world.DEFAULT_START + timedelta(days=DAYS), datetime.min.time(), UTC)

RETAILER = Company()

Open = Callable[..., AbstractContextManager[Installation]]
Shared = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """Makes a folder that all test processes of this run read, in whichever needs it first."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent

    def folder(name: str, make: Callable[[Path], None]) -> Path:
        made, is_made = base / name, base / f"{name}.made"
        with FileLock(base / f"{name}.lock"):
            if not is_made.exists():
                make(made)
                is_made.touch()
        return made

    return folder


@pytest.fixture(scope="session")
def world_folder(shared: Shared) -> Path:
    def make(to: Path) -> None:
        world.generate(to, persons=PERSONS, days=DAYS, seed=11, **RETAILER.world)

    return shared("world", make)


@pytest.fixture(scope="session")
def open_installation(world_folder: Path) -> Open:
    """Opens an installation whose sources answer from the world as it is on day ``day``."""

    @contextmanager
    def opened(
        home: Path, *, day: int = 0, chaos: int = 0, faults: Sequence[str] = ()
    ) -> Iterator[Installation]:
        now = FIRST_CLOCK + timedelta(days=day)
        with running(world_folder, now=now, chaos=chaos, faults=faults) as url:
            yield _installation(home, now, url)

    return opened


@pytest.fixture(scope="session")
def landed(open_installation: Open, shared: Shared) -> Installation:
    """What all sources have on the first day, without a fault. Fork it, and leave it as it is; its
    sources answer no more."""

    def land(home: Path) -> None:
        with open_installation(home) as installation:
            installation.extract()

    return _closed(shared("landed", land))


@pytest.fixture(scope="session")
def sound(landed: Installation, open_installation: Open, shared: Shared) -> Installation:
    """The same, judged, built and published. Copy it, and leave it as it is."""

    def build(home: Path) -> None:
        landed.fork(home)
        with open_installation(home) as installation:
            for step in (("audit", "landing"), ("build",), ("audit", "marts"), ("publish",)):
                installation.o2o(*step)

    return _closed(shared("sound", build))


def _closed(home: Path) -> Installation:
    return _installation(home, FIRST_CLOCK, "http://127.0.0.1:9")  # "discard": nobody listens


def _installation(home: Path, now: datetime, url: str) -> Installation:
    """The retailer's: who read all vendors would count the web shop's orders once for each."""
    given = connections(url, names=RETAILER.connections)
    return Installation(home, given, now, url, {"O2O_COMPANY": str(RETAILER.folder)})
