"""A folder or a prefix of an object store, opened by its URL.

The URL is an address and nothing else. Who may read there, and at which endpoint the store answers,
stands in the environment (or comes with the machine), where pyarrow, DuckDB, dbt and Spark all find
it; so the URL can be shown in errors and put together with file names.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import pyarrow as pa
from pyarrow import fs as pafs

from warehouse.files import write_atomically
from warehouse.landing.errors import StorageError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
CHUNK = 8 * 1024 * 1024

# What pyarrow's errors say, and what to do about it.
_HINTS = {
    ("NO_SUCH_BUCKET", "Bucket not found", "NoSuchBucket"): "The bucket does not exist: make it, or"
    " correct the URL.",
    (
        "ACCESS_DENIED",
        "INVALID_ACCESS_KEY_ID",
        "INVALID_CLIENT_TOKEN_ID",
        "SIGNATURE_DOES_NOT_MATCH",
        "UNRECOGNIZED_CLIENT",
        "EXPIRED_TOKEN",
        "HTTP status 403",
    ): "The store refuses these credentials: set those that may read and write there (for S3"
    " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the machine's role).",
    ("NETWORK_CONNECTION", "Could not connect", "resolve host"): "The store does not answer: check"
    " the network and the endpoint (for S3 AWS_ENDPOINT_URL).",
}


class StoredFile(NamedTuple):
    """``name``: path below the root; ``size``: bytes; ``modified``: ns since 1970."""

    name: str
    size: int
    modified: int


class Storage:
    """``filesystem`` (pyarrow's) and ``root``, the path of the URL in it.

    Raises ``fault``, a StorageError, for a URL that cannot be opened.
    """

    def __init__(self, url: str, fault: type[StorageError] = StorageError) -> None:
        self.url = url.rstrip("/") or "/"
        self._fault = fault
        parts = urlsplit(url)
        if "://" in url and (parts.password or parts.query or parts.fragment):
            shown = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="")
            raise fault(
                f"the URL of {shown.geturl()} holds more than an address. Credentials and the"
                " endpoint belong into the environment (for S3 AWS_ACCESS_KEY_ID,"
                " AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL)."
            )
        try:
            self.filesystem, root = _open(self.url)
        except (OSError, ValueError, ImportError) as error:
            raise self.fault(f"cannot open {url!r}", error) from error
        self.root = root.rstrip("/")

    @property
    def is_local(self) -> bool:
        return isinstance(self.filesystem, pafs.LocalFileSystem)

    @property
    def has_folders(self) -> bool:
        """Whether a file needs a folder; in an object store a folder is just part of the name."""
        return self.filesystem.type_name not in ("s3", "gcs")

    def shown(self, path: str) -> str:
        """A path of the filesystem as people know it."""
        return path if self.is_local else self.url + path.removeprefix(self.root)

    def fault(self, what: str, error: Exception) -> StorageError:
        """The error to raise: what failed, why, and what to do about it."""
        said = str(error)
        hints = [hint for words, hint in _HINTS.items() if any(word in said for word in words)]
        if getattr(error, "errno", None) in DISK_FULL:
            hints.append("Is the disk full? Make room and run it again.")
        return self._fault(". ".join([f"{what}: {said}".rstrip("."), *hints[:1]]))

    @contextmanager
    def explaining(self, what: str) -> Iterator[None]:
        """Turn what goes wrong inside into one error for people, which begins with ``what``."""
        try:
            yield
        except OSError as error:
            raise self.fault(what, error) from error

    def entries(self, folder: str, *, recursive: bool = False) -> list[pafs.FileInfo]:
        """What lies in a folder (a path of the filesystem); nothing if there is no such folder.

        Raises StorageError, also when the bucket itself is missing: that is never just empty.
        """
        with self.explaining(f"cannot list {self.url}"):
            selector = pafs.FileSelector(folder, recursive=recursive, allow_not_found=True)
            found = self.filesystem.get_file_info(selector)
            if not found and not self.has_folders:
                bucket = folder.partition("/")[0]
                if self.filesystem.get_file_info(bucket).type == pafs.FileType.NotFound:
                    raise OSError(f"NO_SUCH_BUCKET: {bucket}")
        return list(found)

    def files(self) -> list[StoredFile]:
        """All files below the root, by name."""
        return sorted(
            StoredFile(info.path[len(self.root) + 1 :], info.size, info.mtime_ns or 0)
            for info in self.entries(self.root, recursive=True)
            if info.type == pafs.FileType.File
        )

    def upload(self, file: Path, name: str, *, in_place: bool = False) -> None:
        """Copy a local file here. Readers of ``name`` find the old one or the new one, whole.

        ``in_place``: nobody reads that name before this returns, so it need not be swapped in.
        """
        target = f"{self.root}/{name}"
        draft = target if in_place else f"{target}.{secrets.token_hex(4)}.tmp"
        with self.explaining(f"cannot write {self.shown(target)}"):
            if self.has_folders:
                self.filesystem.create_dir(target.rpartition("/")[0], recursive=True)
            try:
                with file.open("rb") as source, self.filesystem.open_output_stream(draft) as sink:
                    shutil.copyfileobj(source, sink, CHUNK)
                if not in_place:
                    self.filesystem.move(draft, target)
            except BaseException:
                with suppress(OSError):
                    self.filesystem.delete_file(draft)
                raise

    def download(self, name: str, file: Path) -> None:
        """Copy a file from here over a local one, which is replaced whole or not at all."""
        path = f"{self.root}/{name}"
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}.tmp")
        with self.explaining(f"cannot copy {self.shown(path)} to {file}"):
            try:
                with self.filesystem.open_input_stream(path) as source, draft.open("wb") as sink:
                    shutil.copyfileobj(source, sink, CHUNK)
                    sink.flush()
                    os.fsync(sink.fileno())
                draft.replace(file)
            finally:
                draft.unlink(missing_ok=True)

    def read(self, name: str) -> bytes | None:
        """A small file's content; None if there is no such file."""
        path = f"{self.root}/{name}"
        with self.explaining(f"cannot read {self.shown(path)}"):
            if self.filesystem.get_file_info(path).type == pafs.FileType.NotFound:
                return None
            with self.filesystem.open_input_stream(path) as source:
                return bytes(source.read())

    def write(self, name: str, content: bytes) -> None:
        """Replace a small file. Readers find the old one or the new one, whole."""
        path = f"{self.root}/{name}"
        with self.explaining(f"cannot write {self.shown(path)}"):
            if self.is_local:
                write_atomically(Path(path), content)
                return
            draft = f"{path}.{secrets.token_hex(4)}.tmp"
            if self.has_folders:
                self.filesystem.create_dir(path.rpartition("/")[0], recursive=True)
            with self.filesystem.open_output_stream(draft) as sink:
                sink.write(content)
            self.filesystem.move(draft, path)

    def delete(self, name: str) -> None:
        path = f"{self.root}/{name}"
        with self.explaining(f"cannot remove {self.shown(path)}"), suppress(FileNotFoundError):
            self.filesystem.delete_file(path)

    def delete_folder(self, name: str) -> None:
        """Remove a folder with all that is in it, if there is one."""
        path = f"{self.root}/{name}"
        with self.explaining(f"cannot remove {self.shown(path)}"), suppress(FileNotFoundError):
            if self.has_folders:
                self.filesystem.delete_dir(path)

    def move(self, old: str, new: str) -> None:
        """Give a file (or, outside of object stores, a folder) another name, whole."""
        source, target = f"{self.root}/{old}", f"{self.root}/{new}"
        with self.explaining(f"cannot move {self.shown(source)} to {self.shown(target)}"):
            if self.has_folders:
                self.filesystem.create_dir(target.rpartition("/")[0], recursive=True)
            self.filesystem.move(source, target)

    def mount(self, con: DuckDBPyConnection) -> str:
        """Let a DuckDB connection read here; returns what the paths of its queries begin with.

        A local folder needs nothing: DuckDB reads it itself. Everything else it reads through this
        filesystem, so that there is one set of credentials and one way to open a store.
        """
        if self.is_local:
            return self.root
        con.register_filesystem(_reading(self))
        return self.url


def _open(url: str) -> tuple[pafs.FileSystem, str]:
    if "://" not in url:
        return pafs.LocalFileSystem(), str(Path(url).resolve())
    try:
        filesystem, root = pafs.FileSystem.from_uri(url)
    except pa.ArrowInvalid:
        import fsspec  # type: ignore[import-untyped]  # only for the schemes that pyarrow does not know itself

        handler, root = fsspec.core.url_to_fs(url)
        filesystem = pafs.PyFileSystem(pafs.FSSpecHandler(handler))
    return filesystem, root


def _reading(storage: Storage) -> Any:
    """The storage as fsspec sees it, for DuckDB to read."""
    from fsspec.implementations.arrow import ArrowFSWrapper  # type: ignore[import-untyped]

    scheme = storage.url.partition("://")[0]

    class Reading(ArrowFSWrapper):  # type: ignore[misc]
        """Remembers what it has seen of each file: DuckDB asks a dozen times per file and query,
        each time a request to the store, and a landed file never changes."""

        cachable = False
        protocol = scheme

        def __init__(self) -> None:
            super().__init__(storage.filesystem)
            self._seen: dict[str, dict[str, Any]] = {}

        @classmethod
        def _strip_protocol(cls, path: str) -> str:
            if path.startswith(storage.url):
                return storage.root + path[len(storage.url) :]
            return path.removeprefix(f"{scheme}://")

        def _make_entry(self, info: pafs.FileInfo) -> dict[str, Any]:
            entry: dict[str, Any] = super()._make_entry(info)
            if entry["type"] == "file":
                self._seen[entry["name"]] = entry
            return entry

        def info(self, path: str, **options: Any) -> dict[str, Any]:
            known = self._seen.get(self._strip_protocol(path))
            return known or super().info(path, **options)

        def modified(self, path: str) -> Any:
            # Some stores keep no time; DuckDB only compares it to see whether a file has changed.
            return self.info(path)["mtime"] or datetime.fromtimestamp(0, UTC)

    return Reading()
