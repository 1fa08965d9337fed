"""The landing zone: one load is one Parquet file, and the file is the transaction.

Rows and the state after them become visible together, by one rename; a crash leaves the whole load
or nothing. The state lives in the file's footer, so there is no second place that could disagree.
In an object store the rename is a copy by the store itself, which shows the new object when it is
whole. (An upload straight to the final name would not do: pyarrow completes the upload of a stream
that is dropped half-written.)

``<landing>/<connection>/<stream>/<load_id>.parquet`` with the columns of SCHEMA and, in the footer,
``o2o.state``, ``o2o.window`` (both JSON), ``o2o.connector_version``, ``o2o.rows``,
``o2o.quarantined``, ``o2o.stream`` and ``o2o.before`` (the load before this one: a chain that shows
where a load is missing) and, where there are any, ``o2o.suppressed`` (rows that were dropped or
blanked because their person was erased) and ``o2o.loads`` (all loads of a file that several were
merged into, see ``warehouse.landing.compaction``). Elements that are not rows go to
``<landing>/_quarantine/<connection>/<stream>/<load_id>.parquet``, sealed tokens to
``<landing>/_kept/<connection>/``. Other folders whose names begin with ``_`` hold no loads, either.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from filelock import FileLock, Timeout
from pyarrow import fs as pafs

from warehouse.files import private
from warehouse.landing.errors import LandingError, StorageError
from warehouse.landing.rows import Bad, Row
from warehouse.landing.storage import Storage, StoredFile

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VERSION = "1"
SCHEMA = pa.schema(
    [
        ("_key", pa.string()),
        ("_cursor", pa.string()),
        ("_extracted_at", pa.timestamp("us")),
        ("_load_id", pa.string()),
        ("_payload", pa.string()),
    ]
)
QUARANTINE_SCHEMA = pa.schema(
    [
        ("_load_id", pa.string()),
        ("_extracted_at", pa.timestamp("us")),
        ("_reason", pa.string()),
        ("_raw", pa.string()),
    ]
)
Change = Callable[[pa.Table], pa.Table]
KEPT = "_kept"
NO_LOAD = "00000000T000000.000000Z"  # sorts before every real load
_LOAD_ID = re.compile(r"\d{8}T\d{6}\.\d{6}Z")
GROUP_ROWS = 50_000
GROUP_CHARACTERS = 16_000_000  # so that wide payloads do not fill the memory


@dataclass(frozen=True)
class Landed:
    """One committed load, as its file's footer tells it; or several in one file, named as the
    newest of its ``loads``. ``before``: the load before these; empty for the first of a stream,
    None in files of products that did not note it.
    """

    load_id: str
    rows: int
    quarantined: int
    state: dict[str, Any] = field(default_factory=dict)
    window: dict[str, Any] = field(default_factory=dict)
    suppressed: int = 0
    loads: tuple[str, ...] = ()
    before: str | None = None
    footer: Mapping[str, str] = field(default_factory=dict, repr=False)


class Landing:
    """A landing zone in a folder, or at any URL that pyarrow or fsspec can open."""

    def __init__(self, url: str) -> None:
        self.storage = Storage(url, LandingError)
        self.url = self.storage.url
        self.filesystem = self.storage.filesystem
        self.root = self.storage.root

    @property
    def is_local(self) -> bool:
        return self.storage.is_local

    def files(self) -> list[StoredFile]:
        """All files of the landing zone, also those that were set aside."""
        return self.storage.files()

    def mount(self, con: DuckDBPyConnection) -> str:
        """Let a DuckDB connection read the landing zone; returns what its paths begin with."""
        return self.storage.mount(con)

    def private(self) -> AbstractContextManager[None]:
        """To write here: what is made inside is the owner's alone. An object store has rules of its
        own."""
        return private(*([Path(self.root)] if self.is_local else []))

    def connections(self) -> list[str]:
        """The connections that have a folder here, in use or not."""
        return [name for name in self._folders(self.root) if not name.startswith("_")]

    def streams(self, connection: str) -> list[StreamLanding]:
        """The streams that have a folder in a connection's."""
        found = self._folders(f"{self.root}/{connection}")
        return [self.stream(connection, stream) for stream in found]

    def stream(self, connection: str, stream: str) -> StreamLanding:
        return StreamLanding(self, connection, stream)

    def ensure_stream(self, connection: str, stream: str) -> None:
        """Put an empty load file in place, so that readers' globs always match a file."""
        self.stream(connection, stream).ensure()

    def _folders(self, folder: str) -> list[str]:
        entries = self.storage.entries(folder)
        return sorted(e.base_name for e in entries if e.type == pafs.FileType.Directory)


class StreamLanding:
    """The loads of one stream."""

    def __init__(self, landing: Landing, connection: str, stream: str) -> None:
        self.landing = landing
        self.connection = connection
        self.stream = stream
        self.storage = landing.storage
        self.filesystem = landing.filesystem
        self.name = f"{connection}.{stream}"
        self.folder = f"{landing.root}/{connection}/{stream}"
        self.quarantine_folder = f"{landing.root}/_quarantine/{connection}/{stream}"

    @contextmanager
    def lock(self, timeout: float = 600.0) -> Iterator[None]:
        """Keep other writers of this stream out while a load is prepared and committed; what is
        written meanwhile is the owner's alone."""
        if self.landing.is_local:
            path = Path(self.landing.root) / "_locks" / f"{self.name}.lock"
        else:
            # Only writers on this machine are kept out; across machines the scheduler has to be.
            digest = hashlib.sha256(self.folder.encode()).hexdigest()[:16]
            path = Path(tempfile.gettempdir()) / "o2o-locks" / f"{self.name}.{digest}.lock"
        lock = FileLock(path, timeout=timeout)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout:
            raise LandingError(
                f"another load of {self.name} has been running for more than {timeout:.0f} s"
            ) from None
        except OSError as error:
            raise self.storage.fault(f"cannot lock {self.name} at {path}", error) from error
        try:
            with self.landing.private():
                yield
        finally:
            lock.release()

    def load_ids(self) -> list[str]:
        """Ids of the committed loads, oldest first."""
        names = self._names(self.folder, ".parquet")
        return sorted(name for name in names if name != NO_LOAD)

    def sizes(self) -> dict[str, int]:
        """Bytes of the file of each committed load."""
        entries = self.storage.entries(self.folder)
        found = {e.base_name.removesuffix(".parquet"): e.size for e in entries}
        return {name: size for name, size in found.items() if is_load_id(name)}

    def read(self, load_id: str) -> Landed:
        """What one load's footer says."""
        path = f"{self.folder}/{load_id}.parquet"
        try:
            with (
                self.storage.explaining(f"cannot read {self.storage.shown(path)}"),
                self.filesystem.open_input_file(path) as file,
            ):
                metadata = pq.read_metadata(file).metadata or {}
            ours = {k.decode(): v.decode() for k, v in metadata.items() if k.startswith(b"o2o.")}
            return Landed(
                load_id,
                int(ours["o2o.rows"]),
                int(ours["o2o.quarantined"]),
                json.loads(ours["o2o.state"]),
                json.loads(ours["o2o.window"]),
                int(ours.get("o2o.suppressed", 0)),
                tuple(json.loads(ours.get("o2o.loads", "null")) or (load_id,)),
                ours.get("o2o.before"),
                ours,
            )
        except (ValueError, KeyError) as error:
            raise LandingError(
                f"{self.storage.shown(path)} is not a load file ({error}). It was not written by a"
                " connector or is damaged: move it away and run the stream again."
            ) from error

    def state(self) -> dict[str, Any]:
        """The state after the newest load; empty before the first."""
        loads = self.load_ids()
        return self.read(loads[-1]).state if loads else {}

    def standing(self, days: Collection[str]) -> dict[str, list[Row]]:
        """The rows of each day in the newest load that covers it; days that none covers are left
        out. Newest first, files are read until each day is found."""
        found: dict[str, list[Row]] = {}
        loads = self.load_ids()
        while loads and (left := [day for day in days if day not in found]):
            names = ["_key", "_cursor", "_payload", "_load_id"]
            table = self._columns(loads.pop(), names, filters=[("_cursor", "in", left)])
            # A file may hold several loads that cover the day.
            covered = zip(*(table[n].to_pylist() for n in ("_cursor", "_load_id")), strict=True)
            newest = dict(sorted(covered))
            columns = (table[name].to_pylist() for name in names)
            for key, day, payload, load in zip(*columns, strict=True):
                rows = found.setdefault(day, [])
                if payload is not None and load == newest[day]:
                    rows.append((key, day, payload))
        return found

    def keys(self) -> set[str]:
        """The keys of all rows that ever landed."""
        found: set[str] = set()
        for load_id in self.load_ids():
            found.update(self._columns(load_id, ["_key"])["_key"].to_pylist())
        return found - {None}

    def every_row(self, since: str = "") -> Iterator[Row]:
        """All rows that ever landed, by load, the oldest first; ``since``: those whose cursor is
        not before it, as text."""
        later = {"filters": [("_cursor", ">=", since)]} if since else {}
        for load_id in self.load_ids():
            table = self._columns(load_id, ["_key", "_cursor", "_payload"], **later)
            for batch in table.to_batches(10_000):
                rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
                yield from (row for row in rows if row[0] is not None and row[2] is not None)

    def versions(self, keys: Collection[str]) -> list[Row]:
        """All rows with these keys, by load, the oldest first."""
        found: list[Row] = []
        wanted = pa.array(sorted(keys), pa.string())
        for load_id in self.load_ids() if keys else ():
            # Most files have none of them: payloads are read only where there is one.
            if pc.any(pc.is_in(self._columns(load_id, ["_key"])["_key"], wanted)).as_py():
                table = self._columns(load_id, ["_key", "_cursor", "_payload"])
                table = table.filter(pc.is_in(table["_key"], wanted))
                found += zip(*(column.to_pylist() for column in table), strict=True)
        return found

    def _columns(self, load_id: str, names: list[str], **filters: Any) -> pa.Table:
        path = f"{self.folder}/{load_id}.parquet"
        with self.storage.explaining(f"cannot read {self.storage.shown(path)}"):
            return pq.read_table(path, columns=names, filesystem=self.filesystem, **filters)

    def ensure(self) -> None:
        """Put an empty load file in place if there is none; the caller does not hold :meth:`lock`,
        which whoever loads does when the file has long been there."""
        path = f"{self.folder}/{NO_LOAD}.parquet"
        if not self._is_there(path):
            with self.lock():
                if not self._is_there(path):
                    self.sweep(self.folder)
                    with Writer(self, path, SCHEMA) as writer:
                        writer.commit(_footer({}, {}, 0, 0))

    def _is_there(self, path: str) -> bool:
        with self.storage.explaining(f"cannot look up {self.storage.shown(path)}"):
            return bool(self.filesystem.get_file_info(path).type != pafs.FileType.NotFound)

    def begin(self, window: Mapping[str, Any]) -> Load:
        """Begin a load; the caller holds :meth:`lock` from here until the load's end."""
        self.sweep(self.folder)
        self.sweep(self.quarantine_folder)
        loads = self.load_ids()
        last = loads[-1] if loads else ""
        return Load(self, self._next_id(last), window, last)

    def remove(self, load_ids: Iterable[str]) -> None:
        """Remove committed loads; for streams whose newest load is all that counts."""
        for load_id in load_ids:
            path = f"{self.folder}/{load_id}.parquet"
            with self.storage.explaining(f"cannot remove {self.storage.shown(path)}"):
                self.filesystem.delete_file(path)

    def sweep(self, folder: str) -> None:
        """Remove what runs that were killed left in a folder of this stream. The caller holds
        :meth:`lock`."""
        for name in self._names(folder, ".tmp"):
            # Elsewhere another machine, which no lock keeps out, may be writing the first file.
            if self.landing.is_local or not name.startswith(NO_LOAD):
                path = f"{folder}/{name}.tmp"
                with self.storage.explaining(f"cannot remove {self.storage.shown(path)}"):
                    self.filesystem.delete_file(path)

    def quarantines(self) -> list[str]:
        """Ids of the loads with something set aside, also of those that were never committed."""
        return sorted(self._names(self.quarantine_folder, ".parquet"))

    def set_aside(self, load_id: str) -> int:
        """How many elements a load's quarantine file holds."""
        return len(self.refused(load_id))

    def set_aside_of(self, landed: Landed) -> int:
        """How many elements were set aside of all loads in a file."""
        return sum(self.set_aside(load) for load in {*landed.loads} & {*self.quarantines()})

    def holder(self, load_id: str) -> str | None:
        """The file that holds a load: its own, or the one that it was merged into."""
        found = (name for name in self.load_ids() if name >= load_id)
        return next((name for name in found if load_id in self.read(name).loads), None)

    def rows(self, load_id: str) -> pa.Table:
        """The rows of a file's loads, with SCHEMA's columns."""
        return self._table(f"{self.folder}/{load_id}.parquet")

    def refused(self, load_id: str) -> pa.Table:
        """What a load set aside, with QUARANTINE_SCHEMA's columns."""
        return self._table(f"{self.quarantine_folder}/{load_id}.parquet")

    def rewrite(self, load_id: str, change: Change) -> None:
        """Change the rows of a load. Its id and state stay, its counts stay true.

        The caller holds :meth:`lock`.
        """
        path = f"{self.folder}/{load_id}.parquet"
        before = self._table(path)
        table = change(before)
        counts = {b"o2o.rows": str(len(table) - _markers(table)).encode()}
        if self.quarantines():
            counts[b"o2o.quarantined"] = str(self.set_aside_of(self.read(load_id))).encode()
        self._replace(path, table.replace_schema_metadata({**before.schema.metadata, **counts}))

    def forget(self, load_id: str) -> None:
        """Let the loads that are there be all: the one that followed this one, which is gone, now
        follows the one before. The caller holds :meth:`lock`. Raises LandingError if none did."""
        ids = self.load_ids()
        for number, following in enumerate(ids):
            landed = self.read(following)
            if landed.before == load_id and load_id not in ids:
                path = f"{self.folder}/{following}.parquet"
                table = self._table(path)
                before = ids[number - 1] if number else ""
                metadata = {**table.schema.metadata, b"o2o.before": before.encode()}
                self._replace(path, table.replace_schema_metadata(metadata))
                return
        raise LandingError(f"no load of {self.name} misses a load {load_id} before it")

    def rewrite_quarantine(self, load_id: str, change: Change) -> None:
        """Change what a load set aside; :meth:`rewrite` then brings the load's own counts up."""
        path = f"{self.quarantine_folder}/{load_id}.parquet"
        self._replace(path, change(self._table(path)))

    def release(self, load_id: str, is_meant: Callable[[str | None], bool]) -> None:
        """Take elements out of what a load set aside. The caller holds :meth:`lock`."""

        def keep(table: pa.Table) -> pa.Table:
            stays = [not is_meant(raw) for raw in table["_raw"].to_pylist()]
            return table.filter(pa.array(stays, pa.bool_()))

        if not any(map(is_meant, self.refused(load_id)["_raw"].to_pylist())):
            return
        self.rewrite_quarantine(load_id, keep)
        if file := self.holder(load_id):
            self.rewrite(file, lambda table: table)  # its counts come from the quarantine's

    def _table(self, path: str) -> pa.Table:
        """A file's rows, with its footer as the schema's metadata."""
        with (
            self.storage.explaining(f"cannot read {self.storage.shown(path)}"),
            self.filesystem.open_input_file(path) as file,
        ):
            parquet = pq.ParquetFile(file)
            footer = parquet.metadata.metadata or {}
            ours = {name: text for name, text in footer.items() if name.startswith(b"o2o.")}
            return parquet.read().replace_schema_metadata(ours)

    def _replace(self, path: str, table: pa.Table) -> None:
        metadata = table.schema.metadata or {}
        footer = {name.decode(): text.decode() for name, text in metadata.items()}
        table = table.replace_schema_metadata(None)
        with Writer(self, path, table.schema) as writer:
            for batch in table.combine_chunks().to_batches(GROUP_ROWS):
                writer.write(batch.columns)
            writer.commit(footer)

    def _next_id(self, last: str) -> str:
        moment = datetime.now(UTC)
        if last:
            # A clock that was set back must not make a new load sort before an old one.
            moment = max(moment, load_time(last) + timedelta(microseconds=1))
        return moment.strftime("%Y%m%dT%H%M%S.%fZ")

    def _names(self, folder: str, ending: str) -> list[str]:
        found = self.storage.entries(folder)
        return [f.base_name[: -len(ending)] for f in found if f.base_name.endswith(ending)]


class Load:
    """Rows of one load on their way to disk. Use as a context: leaving it without
    :meth:`commit` leaves nothing behind."""

    def __init__(
        self, stream: StreamLanding, load_id: str, window: Mapping[str, Any], before: str
    ) -> None:
        self.stream = stream
        self.load_id = load_id
        self.before = before
        self.window = window
        self.rows = 0
        self.quarantined = 0
        self.suppressed = 0
        self._keys: list[str | None] = []
        self._cursors: list[str] = []
        self._payloads: list[str | None] = []
        self._characters = 0
        self._bad: list[Bad] = []
        self._writer = Writer(stream, f"{stream.folder}/{load_id}.parquet", SCHEMA)

    def __enter__(self) -> Load:
        self._writer.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: Any) -> None:
        self._writer.__exit__(kind, *rest)

    def add(self, rows: list[Row]) -> None:
        """Take rows (key, cursor, payload text); they are written in large groups."""
        if not rows:
            return
        payloads = list(map(itemgetter(2), rows))
        self._keys += map(itemgetter(0), rows)
        self._cursors += map(itemgetter(1), rows)
        self._payloads += payloads
        self._characters += sum(map(len, payloads))
        self.rows += len(rows)
        if len(self._keys) >= GROUP_ROWS or self._characters >= GROUP_CHARACTERS:
            self._flush()

    def cover(self, day: str) -> None:
        """Mark a day as covered by this load, even if the vendor reports nothing for it."""
        self._keys.append(None)
        self._cursors.append(day)
        self._payloads.append(None)

    def quarantine(self, bad: list[Bad]) -> None:
        """Keep elements that are not rows, each with its reason."""
        self._bad.extend(bad)
        self.quarantined += len(bad)

    def commit(self, state: Mapping[str, Any]) -> None:
        """Make the load visible, together with the state after it."""
        self._flush()
        if self._bad:
            self._write_quarantine()
        newer = [load_id for load_id in self.stream.load_ids() if load_id >= self.load_id]
        if newer:
            raise LandingError(
                f"load {newer[-1]} of {self.stream.name} was committed by another writer meanwhile"
            )
        footer = _footer(state, self.window, self.rows, self.quarantined)
        footer |= {"o2o.stream": self.stream.stream, "o2o.before": self.before}
        if self.suppressed:
            footer["o2o.suppressed"] = str(self.suppressed)
        self._writer.commit(footer)

    def _flush(self) -> None:
        count = len(self._keys)
        if count:
            self._writer.write(
                [
                    pa.array(self._keys, pa.string()),
                    pa.array(self._cursors, pa.string()),
                    _same(_now(), pa.timestamp("us"), count),
                    _same(self.load_id, pa.string(), count),
                    pa.array(self._payloads, pa.string()),
                ]
            )
        self._keys, self._cursors, self._payloads, self._characters = [], [], [], 0

    def _write_quarantine(self) -> None:
        reasons, raws = zip(*self._bad, strict=True)
        count = len(reasons)
        path = f"{self.stream.quarantine_folder}/{self.load_id}.parquet"
        with Writer(self.stream, path, QUARANTINE_SCHEMA) as writer:
            writer.write(
                [
                    _same(self.load_id, pa.string(), count),
                    _same(_now(), pa.timestamp("us"), count),
                    pa.array(reasons, pa.string()),
                    pa.array(raws, pa.string()),
                ]
            )
            writer.commit({})


class Writer:
    """A Parquet file that appears under its name only when it is whole and on disk."""

    def __init__(self, stream: StreamLanding, path: str, schema: pa.Schema) -> None:
        self._name = stream.name
        self._storage = stream.storage
        self._filesystem = stream.filesystem
        self._path = path
        self._temporary = f"{path}.{secrets.token_hex(4)}.tmp"
        self._schema = schema

    def __enter__(self) -> Writer:
        self._is_committed = False
        self._open: list[Any] = []
        folder = self._path.rpartition("/")[0]
        try:
            if self._storage.has_folders:
                self._filesystem.create_dir(folder, recursive=True)
            self._sink = self._filesystem.open_output_stream(self._temporary)
            self._open.append(self._sink)
            self._parquet = pq.ParquetWriter(
                self._sink,
                self._schema,
                compression="zstd",
                compression_level=1,
                use_dictionary=["_load_id", "_cursor"],
                write_statistics=["_key", "_cursor", "_extracted_at", "_load_id"],
            )
            self._open.append(self._parquet)
        except OSError as error:
            self._clear_away()
            raise self._fault(error) from error
        return self

    def write(self, columns: list[pa.Array]) -> None:
        try:
            self._parquet.write_table(pa.Table.from_arrays(columns, schema=self._schema))
        except OSError as error:
            raise self._fault(error) from error

    def commit(self, footer: Mapping[str, str]) -> None:
        try:
            if footer:
                self._parquet.add_key_value_metadata(dict(footer))
            self._parquet.close()
            self._sink.close()
            if self._storage.is_local:
                _sync(self._temporary)
            self._filesystem.move(self._temporary, self._path)
            if self._storage.is_local:
                _sync(self._path.rpartition("/")[0])
        except OSError as error:
            raise self._fault(error) from error
        self._is_committed = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._is_committed:
            self._clear_away()

    def _fault(self, error: OSError) -> StorageError:
        place = self._storage.shown(self._path)
        return self._storage.fault(f"cannot write {self._name} to {place}", error)

    def _clear_away(self) -> None:
        """Leave nothing behind. What fails here is not worth an error: why there is something to
        clear away matters more, and the next load does it again."""
        for thing in reversed(self._open):
            with suppress(OSError):
                thing.close()
        with suppress(OSError):
            self._filesystem.delete_file(self._temporary)


def _footer(
    state: Mapping[str, Any], window: Mapping[str, Any], rows: int, quarantined: int
) -> dict[str, str]:
    return {
        "o2o.state": json.dumps(state, sort_keys=True),
        "o2o.window": json.dumps(window, sort_keys=True),
        "o2o.connector_version": VERSION,
        "o2o.rows": str(rows),
        "o2o.quarantined": str(quarantined),
    }


def _markers(table: pa.Table) -> int:
    """How many rows only mark a day as covered."""
    is_marker = pc.and_(table["_key"].is_null(), table["_payload"].is_null())
    return int(pc.sum(is_marker).as_py() or 0)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)  # the columns are UTC without saying so


def is_load_id(name: str) -> bool:
    """Whether a name is that of a load; NO_LOAD is none."""
    return bool(_LOAD_ID.fullmatch(name)) and name != NO_LOAD


def load_time(load_id: str) -> datetime:
    return datetime.strptime(load_id, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)


def _same(value: Any, kind: pa.DataType, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(value, kind), count)


def _sync(path: str) -> None:
    """Force a file (or a folder's entries) to disk: a rename may otherwise outlive the content."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
