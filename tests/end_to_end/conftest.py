"""One small demo world per test process, and warehouses that read it over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo import world
from demo.serving import running
from demo.vendors import connections
from tests.end_to_end.installation import Installation

PERSONS = 1_500
DAYS = 28  # from 1 February: the extra days reach into March
FIRST_CLOCK = datetime.combine(world.DEFAULT_START + timedelta(days=DAYS), datetime.min.time(), UTC)

Open = Callable[..., AbstractContextManager[Installation]]


@pytest.fixture(scope="session")
def world_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    world.generate(folder, persons=PERSONS, days=DAYS, seed=11)
    return folder


@pytest.fixture(scope="session")
def open_installation(world_folder: Path) -> Open:
    """Opens an installation whose sources answer from the world as it is on day ``day``."""

    @contextmanager
    def opened(
        home: Path, *, day: int = 0, chaos: int = 0, faults: Sequence[str] = ()
    ) -> Iterator[Installation]:
        now = FIRST_CLOCK + timedelta(days=day)
        with running(world_folder, now=now, chaos=chaos, faults=faults) as url:
            yield Installation(home, connections(url), now, url)

    return opened
