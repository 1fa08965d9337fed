"""One small demo world for all test processes of a run, and warehouses that read it over HTTP."""

from __future__ import annotations

import os
import shutil
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

RETAILER, BOUTIQUE = Company("retailer"), Company("boutique")
STAGED = "+staging conformed"

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
    """Opens an installation whose sources answer from the world as it is on day ``day``: the
    retailer's, or another ``company``'s."""

    @contextmanager
    def opened(
        home: Path,
        *,
        day: int = 0,
        chaos: int = 0,
        faults: Sequence[str] = (),
        company: Company | None = RETAILER,
    ) -> Iterator[Installation]:
        now = FIRST_CLOCK + timedelta(days=day)
        with running(world_folder, now=now, chaos=chaos, faults=faults) as url:
            yield _installation(home, now, url, company)

    return opened


@pytest.fixture(scope="session")
def everywhere(open_installation: Open, shared: Shared) -> Installation:
    """What every source that there is has on the first day, without a fault. Two of them tell the
    same orders: it is good for staging and contracts."""

    def land(home: Path) -> None:
        with open_installation(home, company=None) as installation:
            installation.extract()

    return _closed(shared("everywhere", land), None)


@pytest.fixture(scope="session")
def staged(everywhere: Installation, shared: Shared) -> Installation:
    """The same, staged and said in the words of the contracts."""

    def build(home: Path) -> None:
        everywhere.fork(home).o2o("build", "--select", STAGED)

    return _closed(shared("staged", build), None)


@pytest.fixture(scope="session")
def landed(everywhere: Installation, shared: Shared) -> Installation:
    """What the retailer's sources have on the first day. Fork it, and leave it as it is; its
    sources answer no more."""
    return _closed(shared("landed", lambda home: _part(everywhere, home, RETAILER)), RETAILER)


@pytest.fixture(scope="session")
def boutique(everywhere: Installation, shared: Shared) -> Installation:
    """The same of the boutique's."""
    return _closed(shared("boutique", lambda home: _part(everywhere, home, BOUTIQUE)), BOUTIQUE)


@pytest.fixture(scope="session")
def sound(landed: Installation, open_installation: Open, shared: Shared) -> Installation:
    """The retailer's warehouse, judged, built and published. Copy it, and leave it as it is."""

    def build(home: Path) -> None:
        landed.fork(home)
        with open_installation(home) as installation:
            for step in (("audit", "landing"), ("build",), ("audit", "marts"), ("publish",)):
                installation.o2o(*step)

    return _closed(shared("sound", build), RETAILER)


def _part(whole: Installation, home: Path, company: Company) -> None:
    """Of what landed, what a company reads."""
    for name in (*company.connections, "o2o"):
        shutil.copytree(whole.home / "landing" / name, home / "landing" / name)


def _closed(home: Path, company: Company | None) -> Installation:
    nobody = "http://127.0.0.1:9"  # "discard": nobody listens
    return _installation(home, FIRST_CLOCK, nobody, company)


def _installation(home: Path, now: datetime, url: str, company: Company | None) -> Installation:
    """A company's; without one it has all sources."""
    given = connections(url, names=company.connections if company else None)
    folder = str(company.folder) if company else ""
    return Installation(home, given, now, url, {"O2O_COMPANY": folder})
