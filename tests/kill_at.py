"""The project's commands, killed at a named place.

A change is what a kill can come before or after: a file is moved or removed, a model is committed,
the warehouse is closed; where files are watched closely, also what makes a file, piece by piece.
Each has a name (``move landing/shopify/orders/….parquet``, ``commit table
dim_stores``). A command that is killed at PLACE, N sends SIGKILL to itself right before its N-th
change whose name matches PLACE, whatever the clock and the machine.

The commands know nothing of this: what they call to make a change is watched.
"""

from __future__ import annotations

import os
import signal
import stat
import sys
from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pyarrow import fs as pafs

from tests import forks
from warehouse.landing import storage

Place = tuple[str, int]
_SAID = "change: "  # begins the line that tells of one


class Plug:
    """Is told of every change, tells it, and pulls before the N-th that matches."""

    def __init__(self, home: Path, place: str, number: int) -> None:
        self._home = home
        self._place = place
        self._left = number

    def change(self, name: str) -> None:
        os.write(1, f"{_SAID}{name}\n".encode())
        if fnmatchcase(name, self._place):
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)

    def file_change(self, kind: str, path: str | bytes | os.PathLike[str]) -> None:
        file = Path(os.fsdecode(path))
        if file.is_relative_to(self._home) and file.suffix != ".lock":
            self.change(f"{kind} {file.relative_to(self._home)}")


def watch(plug: Plug) -> None:
    """Let the plug know of every change from here on."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.duckdb.environments.local import LocalEnvironment
    from dbt_common.events.contextvars import get_node_info

    watch_files(plug)
    commit, close = DuckDBConnectionManager.commit, LocalEnvironment.close

    def committing(self: DuckDBConnectionManager) -> Any:
        node = get_node_info()
        plug.change(f"commit {node['materialized']} {node['node_name']}" if node else "commit")
        return commit(self)

    def closing(self: LocalEnvironment) -> None:
        if self.conn:
            plug.change("close warehouse")
        close(self)

    DuckDBConnectionManager.commit = committing
    LocalEnvironment.close = closing


def watch_files(plug: Plug, *, closely: bool = False) -> None:
    """Let the plug know when a file is moved or removed; ``closely``: also when it is made, when
    rows and footer are written into it, and when a folder is forced to disk after a move."""

    def of_python(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "os.rename":  # os.replace, too
            plug.file_change("move", arguments[1])
        elif event == "os.remove" and os.path.lexists(arguments[0]):
            plug.file_change("remove", arguments[0])
        elif closely and event == "open" and _is_made(*arguments):
            plug.file_change("make", arguments[0])

    class Files(pafs.LocalFileSystem):
        def open_output_stream(self, path: str, **how: Any) -> Any:
            if closely:
                plug.file_change("make", path)
            return super().open_output_stream(path, **how)

        def move(self, source: str, target: str) -> None:
            plug.file_change("move", target)
            super().move(source, target)

        def delete_file(self, path: str) -> None:
            plug.file_change("remove", path)
            super().delete_file(path)

    open_ = storage._open

    def opening(url: str) -> tuple[pafs.FileSystem, str]:
        filesystem, root = open_(url)
        is_local = isinstance(filesystem, pafs.LocalFileSystem)
        return (Files() if is_local else filesystem), root

    sys.addaudithook(of_python)
    storage._open = opening
    if closely:
        _watch_pieces(plug)


def _is_made(path: str | bytes | int, mode: str | None, flags: int) -> bool:
    return not isinstance(path, int) and bool(flags & os.O_CREAT) and not os.path.exists(path)


def _watch_pieces(plug: Plug) -> None:
    write, end, force = pq.ParquetWriter.write_table, pq.ParquetWriter.close, os.fsync

    def writing(self: pq.ParquetWriter, *arguments: Any) -> None:
        plug.change("write rows")
        write(self, *arguments)

    def ending(self: pq.ParquetWriter) -> None:
        plug.change("write footer")
        end(self)

    def forcing(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            plug.change("force folder")
        force(handle)

    pq.ParquetWriter.write_table = writing
    pq.ParquetWriter.close = ending
    os.fsync = forcing


def killed(place: Place, command: forks.Command) -> forks.Command:
    """The same command, killed at a place."""
    pattern, number = place
    arguments = [pattern, str(number), command.function, *command.arguments]
    return replace(command, function=f"{__name__}:main", arguments=arguments)


def watched(command: forks.Command) -> forks.Command:
    """The same command, killed nowhere; it tells of its changes."""
    return killed(("", 0), command)


def main() -> None:
    place, number, function, *sys.argv[1:] = sys.argv[1:]
    watch(Plug(Path(os.environ["O2O_HOME"]).resolve(), place, int(number)))
    forks.function(function)()


def told(output: str) -> list[str]:
    """The changes that a command told of, in order; a killed one did not make its last."""
    lines = output.splitlines()
    return [line.removeprefix(_SAID) for line in lines if line.startswith(_SAID)]


def unlisted(changes: Iterable[str], places: Iterable[Place]) -> set[str]:
    """Changes that none of the places matches."""
    patterns = {pattern for pattern, _ in places}
    return {name for name in changes if not any(fnmatchcase(name, each) for each in patterns)}
