"""A person's traces in the files of the run folder that are neither landing nor warehouse."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from o2o.people.erasure import database
from o2o.people.erasure.plan import Plan
from o2o.people.erasure.search import Search
from warehouse.files import write_atomically


def redact(files: Iterable[Path], plan: Plan) -> dict[str, int]:
    """Blank the person's values where they occur; returns how many there were, by file."""
    search, values = Search([*plan.needles, *plan.customers]), Search(plan.needles)
    counts: dict[str, int] = {}
    for file in files:
        if not file.exists():  # the draft of a killed run, which went with its database's erasure
            continue
        if file.suffix == ".duckdb":
            if database.found(file, plan) or values.count_in(file):
                tables = database.erase(file, plan)
                counts[str(file)] = sum(sum(table.values()) for table in tables.values())
            continue
        redacted, number = search.replaced(file.read_bytes())
        if number:
            write_atomically(file, redacted, stat.S_IMODE(file.stat().st_mode))
            counts[str(file)] = number
    return counts


def inside(folder: Path, *, without: Iterable[Path] = ()) -> Iterator[Path]:
    """The files of a folder at any depth, but for locks and what lies in other folders."""
    left_out = [path.resolve() for path in without]
    for file in sorted(folder.rglob("*")):
        is_left_out = any(path == file or path in file.parents for path in left_out)
        if file.is_file() and not file.is_symlink() and file.suffix != ".lock" and not is_left_out:
            yield file
