"""``kill -9`` at any place of an extract, start again: what lands is what an undisturbed run lands.

The vendor's shape answers from the test's own process. Each extract that is killed is a process of
its own, forked from one that has imported what it needs: locks, drafts and half-written files stay
as a kill leaves them. tests/end_to_end/test_crash.py kills the whole tool.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from connectors.core.budget import Budget
from connectors.core.errors import ExtractFailed
from connectors.core.settings import Connection
from connectors.extract import extract
from connectors.registry import SOURCES
from tests import kill_at
from tests.connectors.shape import JUNE, Impossible, Shape
from tests.connectors.test_behaviours import HOUR, landing, load, shape_of, staged
from tests.connectors.vendor_stub import Vendor

NOWHERE = 0
DRAFT = "make {folder}/2*.tmp"
# Before it, nothing of a load can be seen, and after it all.
COMMIT = "move {folder}/2*.parquet"
_processes = multiprocessing.get_context("forkserver")
# What pyarrow imports when it first makes an array takes longer than an extract.
_processes.set_forkserver_preload(["pytest", "pandas", "pyarrow.dataset", __name__])


def _extract(
    told: Path,
    kill: int,
    source: str,
    stream: str,
    connection: Connection,
    to: Path,
    until: datetime,
) -> None:
    """Extract, and be killed before the so-many-th change of a file."""
    os.dup2(os.open(told, os.O_WRONLY | os.O_CREAT), sys.stdout.fileno())
    Budget.take = lambda self, cost=1.0: 0.0  # type: ignore[method-assign]
    kill_at.watch_files(kill_at.Plug(to, "*", kill), closely=True)
    extract(SOURCES[source], connection, str(to), until, streams=[stream])


@dataclass(frozen=True)
class Extract:
    """A load of a shape's stream, from a vendor that has handed out ``tokens`` tokens so far."""

    shape: Shape
    until: datetime
    tokens: int

    def changes(self, folder: Path, kill: int = NOWHERE) -> list[str]:
        """Extract into a folder, and return the changes that were made, or begun before a kill."""
        shape, told = self.shape, folder.with_suffix(f".{kill}.told")
        shape.tokens, shape.asked = self.tokens, 0  # an element that is no row is on the first page
        asked = (shape.source, shape.stream, shape.connection, folder.resolve(), self.until)
        process = _processes.Process(target=_extract, args=(told, kill, *asked))
        process.start()
        process.join()
        assert process.exitcode == (-signal.SIGKILL if kill else 0), told.read_text()
        return kill_at.told(told.read_text())


def _copied(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to)
    return to


@dataclass(frozen=True)
class Held:
    """What a landing zone holds of a stream, without what tells which load brought it."""

    staged: dict[str, str]
    state: dict[str, Any]
    set_aside: set[str]
    rows: Counter[tuple[Any, ...]]

    @classmethod
    def of(cls, shape: Shape, folder: Path) -> Held:
        place = landing(shape, folder)
        loads = [place.rows(each).to_pylist() for each in place.load_ids()]
        refused = [place.refused(each)["_raw"].to_pylist() for each in place.quarantines()]
        return cls(
            staged(shape, folder),
            place.state(),
            {raw for each in refused for raw in each},
            Counter((r["_key"], r["_cursor"], r["_payload"]) for rows in loads for r in rows),
        )


@pytest.mark.usefixtures("waits")
@pytest.mark.parametrize("is_first", [True, False], ids=["first load", "next load"])
@pytest.mark.parametrize("source", SOURCES)
def test_a_load_killed_at_any_place_and_started_again_lands_what_an_undisturbed_one_does(
    source: str, is_first: bool, vendor: Vendor, tmp_path: Path
) -> None:
    shape = shape_of(source)(vendor)
    base, to = tmp_path / "base", tmp_path / "kills"
    base.mkdir()
    for tag in "abc":
        shape.add(tag, JUNE - 2 * HOUR)
    if not isinstance(shape.rows_at, Impossible):
        shape.strays = [b"17"]
    killed = Extract(shape, JUNE, shape.tokens)
    if not is_first:
        load(shape, base)
        shape.add("b", JUNE - HOUR / 2, "as told later")
        shape.add("d", JUNE - HOUR / 2)
        killed = Extract(shape, JUNE + HOUR, shape.tokens)
        # And a killed one has left its draft.
        changes = killed.changes(_copied(base, tmp_path / "dry"))
        killed.changes(base, len(changes) - changes[::-1].index("write footer"))
    of = {"folder": f"{source}/{shape.stream}"}

    undisturbed = _copied(base, to / "undisturbed")
    places = killed.changes(undisturbed)
    expected = Held.of(shape, undisturbed)
    if is_first:  # From its draft on, its places are those of the next load.
        places = places[: [fnmatchcase(each, DRAFT.format(**of)) for each in places].index(True)]
    for number, place in enumerate(places, 1):
        folder = _copied(base, to / f"killed-{number}")
        *made, _ = killed.changes(folder, number)
        shape.asked = 0
        if shape.tokens_work_once and place.startswith(("make _kept/", "move _kept/")):
            # The token was traded, and its successor died with who had asked for it.
            with pytest.raises(
                ExtractFailed, match="put the new refresh token into the connection"
            ):
                load(shape, folder, until=killed.until)
            continue
        load(shape, folder, until=killed.until)
        found = Held.of(shape, folder)
        assert found.staged == expected.staged, place
        assert found.state == expected.state, place
        assert found.set_aside == expected.set_aside, place
        is_committed = any(fnmatchcase(each, COMMIT.format(**of)) for each in made)
        assert found.rows == expected.rows or is_committed, place
        assert not [*folder.rglob("*.tmp")], f"{place}: what a killed run left is swept"
