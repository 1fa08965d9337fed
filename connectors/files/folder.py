"""A folder, or a prefix of an object store, whose files are read once each and again when replaced.

What has been read is known by a file's name, size and time of change. A file that is still being
written waits for the next load. What a replaced file has no more is gone, if its description says
so, but for the case that most of it is: then somebody has to say whether that is meant.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from functools import partial
from typing import Any

from connectors.core import times
from connectors.core.days import Answer, State
from connectors.core.paging import Batch, Run
from connectors.core.settings import Connection
from connectors.core.source import Api, Stream, Window
from connectors.core.sweeps import Sweep
from connectors.core.verbatim import Page, extend
from connectors.files import reading
from connectors.files.description import Description, Rows
from connectors.files.reading import FileFault
from connectors.files.records import Reader, Refused, nth, payload
from connectors.files.survey import Surveys
from warehouse.landing.errors import StorageError
from warehouse.landing.rows import Row
from warehouse.landing.storage import Storage
from warehouse.landing.zone import StreamLanding

log = logging.getLogger(__name__)

SETTLED = timedelta(seconds=10)  # a file that changed later than that may still be written
UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp", "~")
AT_ONCE = 5_000  # records of a page
FORGOTTEN = timedelta(days=30)  # after which a name that is gone may mean another file
FILES, READ_BY, SAID_AT, GONE, DOUBTED = "files", "description", "said_at", "gone", "doubted"


@dataclass(frozen=True)
class Found:
    """A file of the folder. ``mark`` tells whether it is the one that was read."""

    name: str
    path: str
    mark: str
    modified: datetime


@dataclass
class Listing:
    """The files to be read, the oldest first, and what is not read, with the reason."""

    files: list[Found] = field(default_factory=list)
    not_read: dict[str, str] = field(default_factory=dict)


@dataclass
class Outcome:
    """What became of a load's files. ``replaced``: those that were read before, or are to be read
    otherwise now; ``keys``: of all records of the load, if that matters; ``faults``: files that
    could not be read. ``doubted``: those that would take out too much, by name, with what is to be
    said and what it was judged by; they are not read again until that changes."""

    done: dict[str, str] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    faults: dict[str, str] = field(default_factory=dict)
    doubted: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class FilesWindow(Window):
    """The files that a load reads. ``said_at``: since when the description is as it is;
    ``is_again``: it has changed since the files were read."""

    files: tuple[Found, ...] = ()
    present: tuple[str, ...] = ()
    said_at: str = ""
    is_again: bool = False
    keeps_keys: bool = False
    outcome: Outcome = field(default_factory=Outcome)


class Folder(Api):
    """The folder of a connection, opened."""

    def __init__(self, connection: Connection, url: str, description: Description) -> None:
        super().__init__(_NoClient(), connection)  # type: ignore[arg-type]
        self.url = url
        self.description = description
        self.storage = Storage(url)
        self.surveys = Surveys()
        self._has_told = False

    def list(self, now: datetime) -> Listing:
        """Raises StorageError if there is no such folder, or it cannot be read."""
        found = Listing()
        with self.storage.explaining(f"cannot list {self.url}"):
            info = self.storage.filesystem.get_file_info(self.storage.root)
        if self.storage.has_folders and info.type.name != "Directory":
            raise StorageError(f"there is no folder {self.url}: make it, or correct folder")
        for file in sorted(self.storage.files(), key=lambda file: (file.modified, file.name)):
            base = file.name.rpartition("/")[2]
            modified = datetime.fromtimestamp(file.modified / 1e9, UTC)
            if base.startswith((".", "_")) or base.lower().endswith(UNFINISHED):
                found.not_read[file.name] = "its name is that of a file that is not finished"
            elif not (
                fnmatch(file.name, self.description.files) or fnmatch(base, self.description.files)
            ):
                found.not_read[file.name] = f"its name is not of the form {self.description.files}"
            elif not reading.format_of(base, self.description):
                found.not_read[file.name] = "its ending is none that is read"
            elif modified > now - SETTLED:
                found.not_read[file.name] = "it has just changed; the next load reads it"
            else:
                mark = f"{file.size:x}.{file.modified:x}"
                path = f"{self.storage.root}/{file.name}"
                found.files.append(Found(file.name, path, mark, modified))
        return found

    def tell(self, listing: Listing) -> None:
        """Log, once, what is not read."""
        if listing.not_read and not self._has_told:
            told = "; ".join(f"{name} ({why})" for name, why in [*listing.not_read.items()][:10])
            log.warning("%s: %d files are not read: %s", self.url, len(listing.not_read), told)
        self._has_told = True

    def rows(self, found: Found, wanted: Mapping[str, bool]) -> Iterator[reading.Raw]:
        return reading.rows(self.storage.filesystem, found.path, self.description, wanted)

    def is_same(self, found: Found) -> bool:
        """Whether a file is still the one that was listed."""
        info = self.storage.filesystem.get_file_info(found.path)
        modified = info.mtime_ns if info.mtime_ns is not None else 0
        return f"{info.size or 0:x}.{modified:x}" == found.mark


class _NoClient:
    """Stands where a vendor's HTTP client does: a folder has none."""

    auth = None
    answered: Mapping[str, str] = {"folder": "read"}

    def close(self) -> None:
        pass


@dataclass(frozen=True)
class FileStream(Stream):
    """The records of one contract in the files of a folder."""

    rows: Rows | None = None
    said: Description | None = None

    def window(
        self, api: Api, state: State, until: datetime, since: datetime | None = None
    ) -> FilesWindow:
        """All files that are new, were replaced, or changed since ``since``."""
        assert isinstance(api, Folder)
        assert self.said is not None
        assert self.rows is not None
        listing = api.list(datetime.now(UTC))
        before = dict(state.get(FILES, {}))
        digest = self.said.digest(self.rows.contract.name)
        is_again = bool(before) and state.get(READ_BY) != digest
        outcome = Outcome()
        for file in listing.files:
            if not is_again and file.name in state.get(DOUBTED, {}):
                told, judged = state[DOUBTED][file.name]
                if judged == _judged(self.said, file.mark):
                    outcome.doubted[file.name] = [told, judged]
        due = [
            file
            for file in listing.files
            if is_again
            or (before.get(file.name) != file.mark and file.name not in outcome.doubted)
            or (since and file.modified >= since)
        ]
        if self.said.each_file == "replaces" and due:
            for older in due[:-1]:
                outcome.done[older.name] = older.mark
            due = due[-1:] if due[-1] is listing.files[-1] else []
        outcome.replaced = {file.name for file in due if file.name in before}
        takes_out = self.said.each_file != "adds" or is_again
        api.tell(listing)
        if is_again:
            log.warning(
                "%s: its description has changed: all %d files are read again; rows of %d files"
                " that are there no more stay as they are",
                self.name,
                len(due),
                len(set(before) - {file.name for file in listing.files}),
            )
        oldest = min((file.modified for file in due), default=until)
        return FilesWindow(
            min(oldest, until),
            until,
            (until.date(),),
            oldest.date(),
            files=tuple(due),
            present=tuple(file.name for file in listing.files),
            said_at=state[SAID_AT] if state.get(READ_BY) == digest else times.exact(until),
            is_again=is_again,
            keeps_keys=takes_out and (bool(outcome.replaced) or self.said.each_file == "replaces"),
            outcome=outcome,
        )

    def reader(self, window: Window) -> Callable[[Page], Batch]:
        """Takes the records that a page was made of. What was set aside is not read by itself: the
        file is, when it or its description is mended."""

        def read(page: Page) -> Batch:
            return Batch(rows=list(page.made or ()), bad=list(page.envelope or ()))

        return read

    def next_state(
        self, state: State, window: Window, newest: str, told: Answer, is_backfill: bool = False
    ) -> State:
        return state  # the sweep notes what was read, once it knows


def _read(name: str, api: Folder, window: Window) -> Iterator[Run]:
    """A run for each file of the window."""
    assert isinstance(window, FilesWindow)
    rows = api.description.rows[name]
    for number, file in enumerate(window.files):
        yield Run(
            partial(_pages, api, rows, window, file, nth(window.until, number)), label=file.name
        )


def _pages(
    api: Folder, rows: Rows, window: FilesWindow, file: Found, at: datetime, start: str
) -> Iterator[Page]:
    read_at = times.exact(at)
    reader = Reader(
        api.description,
        rows,
        partial(api.rows, file, api.description.read()),
        api.surveys,
        f"{file.path} {file.mark}",
    )
    made: list[Row] = []
    bad: list[tuple[str, str]] = []
    try:
        for one in reader.read():
            if isinstance(one, Refused):
                bad.append(_refused(file.name, one))
                continue
            made.append((one.key, read_at, payload(one, file.name, window.said_at)))
            if window.keeps_keys:
                window.outcome.keys.add(one.key)
            if len(made) + len(bad) >= AT_ONCE:
                yield Page(made=made, envelope=bad)
                made, bad = [], []
        if not api.is_same(file):
            raise FileFault("it has changed while it was read; the next load reads it")
        window.outcome.done[file.name] = file.mark
    except (FileFault, FileNotFoundError) as fault:
        told = "it is gone" if isinstance(fault, FileNotFoundError) else str(fault)
        window.outcome.faults[file.name] = told
    yield Page(made=made, envelope=bad)
    told_of = reader.told
    log.info(
        "%s: %s: %d rows are of other contracts, %d are left out, %d say again what another says",
        rows.contract.name, file.name, told_of.others, told_of.left_out, told_of.repeated,
    )  # fmt: skip


def _refused(file: str, one: Refused) -> tuple[str, str]:
    raw = json.dumps({"_file": file, "_line": one.line, "row": one.text}, ensure_ascii=True)
    return f"{file}, line {one.line}: {one.reason}", raw


@dataclass(frozen=True)
class FileSweep(Sweep):
    """What replaced files have no more, after each load; and which files have been read."""

    every: timedelta = timedelta(0)
    present: Callable[[Any, Window], Iterator[Run]] = lambda api, window: iter(())
    gone: Callable[[Any, list[str]], Collection[str]] = lambda api, keys: ()
    digest: str = ""  # of the description, for this contract
    failing = "what could be read has landed"

    def is_due(self, state: dict[str, Any], until: datetime) -> bool:
        return True

    def noted(self, state: dict[str, Any], window: Window, has_failed: bool) -> dict[str, Any]:
        assert isinstance(window, FilesWindow)
        before: dict[str, str] = state.get(FILES, {})
        gone: dict[str, str] = state.get(GONE, {})
        today = times.text(window.until)
        absent = {name: gone.get(name, today) for name in before if name not in window.present}
        absent = {
            name: since
            for name, since in absent.items()
            if times.parse(since) + FORGOTTEN > window.until
        }
        kept = {name: mark for name, mark in before.items() if name in {*window.present, *absent}}
        files = {**kept, **window.outcome.done}
        after = {**state, FILES: files, READ_BY: self.digest, SAID_AT: window.said_at}
        rest = {GONE: absent, DOUBTED: window.outcome.doubted}
        after = {name: value for name, value in after.items() if name not in rest}
        return after | {name: value for name, value in rest.items() if value}

    def rows(
        self,
        api: Any,
        window: Window,
        place: StreamLanding,
        read: Callable[[Page], Batch],
    ) -> list[Row]:
        """Records without a file that says them any more, as deleted, or as an older file says
        them."""
        assert isinstance(window, FilesWindow)
        outcome = window.outcome
        _release(place, {file.name for file in window.files if file.name in outcome.done})
        if outcome.done and window.keeps_keys:
            return self._lost(api.description, window, place)
        return []

    def trouble(self, window: Window) -> str:
        assert isinstance(window, FilesWindow)
        doubted = {name: told for name, (told, _) in window.outcome.doubted.items()}
        faults = window.outcome.faults | doubted
        told = "".join(f"\n    {name}: {fault}" for name, fault in faults.items())
        return f"files were not taken, or not as they are:{told}" if faults else ""

    def _lost(self, said: Description, window: FilesWindow, place: StreamLanding) -> list[Row]:
        outcome = window.outcome
        newest: dict[str, _Version] = {}
        older: dict[str, _Version] = {}
        of_this = {*outcome.replaced} & {*outcome.done}
        is_all = said.each_file == "replaces"
        for key, cursor, text in place.every_row():
            version = _Version.of(cursor, text)
            if key not in newest or version.place >= newest[key].place:
                newest[key] = version
            if not version.file:
                older.pop(key, None)
            elif version.file not in of_this and (
                key not in older or version.place >= older[key].place
            ):
                older[key] = version
        held = {key for key, one in newest.items() if one.file and (is_all or one.file in of_this)}
        lost = held - outcome.keys
        if len(lost) > said.most_gone * len(held) and not window.is_again:
            told = (
                f"{len(lost):,} of the {len(held):,} records that were there of"
                f" {'all files' if is_all else 'it'} are not in it any more. What it has has"
                " landed, nothing was taken out. Say in the description each_file: adds if each"
                " file brings other rows under the same name, or most_gone: 1 if they are gone"
            )
            for name in of_this or {*outcome.done}:
                outcome.doubted[name] = [told, _judged(said, outcome.done.pop(name))]
            return []
        found: list[Row] = []
        read_at = times.exact(window.until)
        for key in sorted(lost):
            if key in older and not is_all and not window.is_again:
                found.append((key, read_at, older[key].at_the_place_of(newest[key])))
            else:
                found.append((key, read_at, extend(newest[key].text, '"deleted":true')))
        if found:
            log.info("%s: %d records are in no file any more", place.name, len(found))
        return found


def _judged(said: Description, mark: str) -> str:
    """What a file was judged by: itself, and what the description says of what it takes out."""
    return f"{mark}|{said.each_file}|{said.most_gone}"


@dataclass(frozen=True)
class _Version:
    """A version of a record that landed: ``place`` among the others, as macros/via/files.sql sorts
    them, and the file that it is from; empty for one that is deleted."""

    place: tuple[str, str, str]
    file: str
    text: str

    @classmethod
    def of(cls, cursor: str, text: str) -> _Version:
        said = json.loads(text)
        file = "" if said.get("deleted") else str(said["_file"])
        return cls((said["_said_at"], said["_at"], cursor), file, text)

    def at_the_place_of(self, other: _Version) -> str:
        """The payload, to count in place of another version."""
        said_at, at, _ = other.place
        told = {**json.loads(self.text), "_said_at": said_at, "_at": at}
        return json.dumps(told, ensure_ascii=False)


def _release(place: StreamLanding, names: Collection[str]) -> None:
    """Take out of the quarantine what was set aside of files that have been read again: what is
    wrong with them now has just been set aside."""
    for load_id in place.quarantines() if names else ():
        place.release(load_id, lambda raw: json.loads(raw or "{}").get("_file") in names)


def streams(description: Description) -> tuple[FileStream, ...]:
    """A stream for each contract that the files fill."""
    return tuple(
        FileStream(
            name,
            rows.contract.description.split(". ")[0].rstrip("."),
            partial(_read, name),
            key="key",
            cursor="read_at",
            personal=rows.contract.personal,
            required=("_file", *rows.contract.key),
            sweep=FileSweep(digest=description.digest(name)),
            rests=timedelta(days=description.rests_days),
            rows=rows,
            said=description,
        )
        for name, rows in description.rows.items()
    )
