"""A person's traces in the files of the run folder that are neither landing nor warehouse.

A program may be writing to any of them: Airflow to its logs and its database, dbt to its log. So no
plain file is swapped for another, which its writer would not notice: the values are overwritten
where they stand, by as many bytes. A database of SQLite is changed by its own means; what a
Postgres server keeps is its server's to change.
"""

# Queries are put together from quoted names, never from data.
# ruff: noqa: S608
from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from o2o.people.erasure import database
from o2o.people.erasure.database import MARK
from o2o.people.erasure.packed import Unsearched, changed, is_packed
from o2o.people.erasure.plan import ErasureError, Plan
from o2o.people.erasure.search import SQLITE, Search
from o2o.people.lookup import quoted
from warehouse.files import write_atomically

_PATIENCE = 30.0  # seconds for who else writes to the same SQLite database


def redact(files: Iterable[Path], plan: Plan) -> dict[str, int]:
    """Blank the person's values where they occur; returns how many there were, by file.

    A file that cannot be searched stays as it is: :func:`found` names it.
    """
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
        if of_server(file) or file.name.endswith(("-wal", "-shm", "-journal")):
            continue  # a server's, or changed with its database
        is_sqlite = _start(file).startswith(SQLITE)
        number = _redact_sqlite(file, search) if is_sqlite else _redact(file, search)
        if number:
            counts[str(file)] = number
    return counts


def found(file: Path, search: Search) -> int:
    """0 if none of the values is in the file. Raises Unsearched for one that nobody can read."""
    if server := of_server(file):
        raise Unsearched(f"it is the Postgres server's of {server}: ask the server")
    if not is_packed(_start(file)):
        changed(_start(file), lambda start: (start, 0))  # is it of a kind that nobody can read?
        return search.count_in(file)  # in parts, however large
    return changed(file.read_bytes(), lambda content: (content, search.count_encoded(content)))[1]


def _redact(file: Path, search: Search) -> int:
    mode = stat.S_IMODE(file.stat().st_mode)
    if is_packed(_start(file)):
        try:
            content, number = changed(file.read_bytes(), search.replaced)
        except Unsearched:
            return 0
        if number:
            write_atomically(file, content, mode)
            file.chmod(mode)
        return number
    if not os.access(file, os.W_OK):  # nobody writes to it, either
        content, number = search.replaced(file.read_bytes())
        if number:
            write_atomically(file, content, mode)
            file.chmod(mode)
        return number
    with file.open("r+b") as both:  # the file that was read, whatever its name is by now
        before = both.read()
        after, number = search.replaced(before)
        if number:
            for begin, end in _differences(before, after):
                both.seek(begin)
                both.write(after[begin:end])
            both.flush()
            os.fsync(both.fileno())
    return number


def _differences(before: bytes, after: bytes) -> Iterator[tuple[int, int]]:
    """Begin and end of the parts in which two contents of one length differ."""
    at = np.flatnonzero(np.frombuffer(before, np.uint8) != np.frombuffer(after, np.uint8))
    if len(at):
        for part in np.split(at, np.flatnonzero(np.diff(at) > 1) + 1):
            yield int(part[0]), int(part[-1]) + 1


def _redact_sqlite(file: Path, search: Search) -> int:
    """By transactions, as everybody who uses the database; freed pages are overwritten."""
    if not (number := found(file, search) + found(file.with_name(f"{file.name}-wal"), search)):
        return 0

    def erased(value: str | bytes | int | float | None) -> str | bytes | int | float | None:
        if isinstance(value, str):
            return search.replaced(value.encode())[0].decode("utf-8", "replace")
        return search.replaced(value)[0] if isinstance(value, bytes) else value

    try:
        with closing(sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None)) as con:
            con.create_function("o2o_erased", 1, erased, deterministic=True)
            con.execute("pragma secure_delete = on")
            con.execute("begin immediate")
            tables = con.execute("select name from sqlite_schema where type = 'table'").fetchall()
            for (table,) in tables:
                name = quoted(table, MARK)
                columns = [row[1] for row in con.execute(f"pragma table_info({name})")]
                for column in (quoted(each, MARK) for each in columns):
                    con.execute(
                        f"update {name} set {column} = o2o_erased({column})"
                        f" where {column} is not o2o_erased({column})"
                    )
            con.execute("commit")
            con.execute("vacuum")  # what was deleted before may still lie in a freed page
            con.execute("pragma wal_checkpoint(truncate)")
    except sqlite3.Error as error:
        raise ErasureError(
            f"The person is in {file}, and it cannot be changed ({error}). Stop who uses it (most"
            " likely Airflow), run `o2o erase` again, and start it again."
        ) from error
    return number


def _start(file: Path) -> bytes:
    try:
        with file.open("rb") as content:
            return content.read(64)
    except FileNotFoundError:
        return b""


def of_server(file: Path) -> Path | None:
    """The folder of a Postgres server that the file is of."""
    return next((folder for folder in file.parents if (folder / "PG_VERSION").exists()), None)


def inside(folder: Path, *, without: Iterable[Path] = ()) -> Iterator[Path]:
    """The files of a folder at any depth, but for locks and what lies in other folders."""
    left_out = [path.resolve() for path in without]
    for file in sorted(folder.rglob("*")):
        is_left_out = any(path == file or path in file.parents for path in left_out)
        if file.is_file() and not file.is_symlink() and file.suffix != ".lock" and not is_left_out:
            yield file
