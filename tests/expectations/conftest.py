"""A small warehouse in which every check passes; tests then break it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

SCHEMA = Path(__file__).with_name("warehouse.sql")


@pytest.fixture(scope="session")
def sound_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "warehouse.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute(SCHEMA.read_text(encoding="utf-8"))
    return path


@pytest.fixture
def warehouse(sound_warehouse: Path, tmp_path: Path) -> Path:
    """A copy of the sound warehouse that the test may break."""
    return Path(shutil.copy(sound_warehouse, tmp_path / "warehouse.duckdb"))


@pytest.fixture
def spoil(warehouse: Path) -> Callable[[str], None]:
    """Run SQL against the test's warehouse."""

    def run(sql: str) -> None:
        with duckdb.connect(str(warehouse)) as con:
            con.execute(sql)

    return run
