"""Reports and publication beyond one machine: what lies in the run folder is kept at a URL, too.

With ``O2O_STATE_URL`` the tasks that audit and publish may each run on another machine. A task
fetches what it needs before it begins and stores what it changed when it ends; the run folder is
then no more than its working copy. Below the URL lie ``reports/``, as in the run folder, and
``published/``, where each publication is a file of its own name and ``manifest.json``, written
last, names the one that counts. So a reader never finds a manifest without its file, nor a file
that changes while it is read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from fnmatch import fnmatch
from typing import Any

from filelock import FileLock

from o2o.pipeline import publish
from o2o.pipeline.paths import Paths
from warehouse.files import write_atomically
from warehouse.landing.errors import SettingError
from warehouse.landing.storage import Storage

MANIFEST = "published/manifest.json"
VERDICTS = ("audit-*.json",)
ALL = ("*",)
# Made anew by each audit from what is fetched.
_MADE_ANEW = ("gx/gx/uncommitted/data_docs/*", "gx/evidence-*")
_PRUNED = ("gx/gx/uncommitted/*", "*.tmp")
_NEVER = ("*.lock", "*.tmp", "*.wal")
_AT_ONCE = 8  # requests to the store


@contextmanager
def kept(paths: Paths, *, publication: bool = False, compares: bool = False) -> Iterator[None]:
    """Around an audit or (``publication``) a publish: fetch before it, store after it.

    ``compares``: the audit compares what it judges with the publication, so that is fetched, too.

    The reports are stored also when it fails: they say why. Without ``O2O_STATE_URL`` this does
    nothing. Raises StorageError if the URL cannot be read or written.
    """
    if not paths.state_url:
        yield
        return
    state = State(paths)
    state.fetch_reports(VERDICTS if publication else ALL)
    if publication or compares:
        state.fetch_publication()
    else:
        state.fetch_manifest()  # the report tells what is published
    before = state.stamps()
    try:
        yield
        if publication:
            state.store_publication()
    finally:
        state.store_reports(before, prune=not publication)


@contextmanager
def erasing(paths: Paths) -> Iterator[None]:
    """Around an erasure: fetch all that is kept, store it again without the person, and keep no
    older publication. Raises StorageError if the URL cannot be read or written.
    """
    if not paths.state_url:
        yield
        return
    state = State(paths)
    state.fetch_reports(ALL, made_anew=True)
    state.fetch_publication()
    before = state.stamps()
    yield
    state.store_publication(keep_older=False)
    state.store_reports(before, prune=False)


def pull(paths: Paths) -> publish.Publication | None:
    """Bring this machine's reports and publication up to what the URL has; returns the latter.

    Raises SettingError without ``O2O_STATE_URL``, StorageError if it cannot be read.
    """
    if not paths.state_url:
        raise SettingError("O2O_STATE_URL is not set: there is nowhere to pull from")
    state = State(paths)
    state.fetch_reports(ALL, made_anew=True)
    state.fetch_publication()
    return publish.current(paths.published)


class State:
    """What lies in the run folder and at ``O2O_STATE_URL``, and the ways between them."""

    def __init__(self, paths: Paths) -> None:
        self.storage = Storage(paths.state_url)
        self.reports = paths.reports
        self.target = paths.published
        self.manifest = publish.manifest_path(paths.published)

    def fetch_reports(self, wanted: Iterable[str], *, made_anew: bool = False) -> None:
        """Copy the reports that match; what an audit makes anew only if asked for."""
        names = [
            name
            for name in self._stored()
            if _matches(name, wanted) and (made_anew or not _matches(name, _MADE_ANEW))
        ]
        self._all_at_once(
            lambda name: self.storage.download(f"reports/{name}", self.reports / name), names
        )

    def store_reports(self, before: dict[str, tuple[int, int]], *, prune: bool) -> None:
        """Copy the reports that are new or changed since ``before``.

        ``prune``: also drop what the audit has dropped, validations of long ago and their pages.

        The verdicts come after what they refer to, and the page that people open comes last.
        """
        stored, now = self._stored(), self.stamps()
        gone = [name for name in stored - now.keys() if prune and _matches(name, _PRUNED)]
        self._all_at_once(lambda name: self.storage.delete(f"reports/{name}"), gone)
        changed = sorted(
            name for name in now if name not in stored or now[name] != before.get(name)
        )
        last = [name for name in changed if _matches(name, (*VERDICTS, "index.html"))]
        self._all_at_once(self._store_report, [name for name in changed if name not in last])
        for name in last:  # the page sorts after the verdicts
            self._store_report(name)

    def stamps(self) -> dict[str, tuple[int, int]]:
        """Name of each report in the run folder -> its size and time of modification (ns)."""
        found = {}
        for path in self.reports.rglob("*"):
            name = path.relative_to(self.reports).as_posix()
            if path.is_file() and not _matches(name, _NEVER):
                stat = path.stat()
                found[name] = (stat.st_size, stat.st_mtime_ns)
        return found

    def fetch_manifest(self) -> None:
        """Let the run folder know what is published, without the file itself."""
        if (manifest := self.storage.read(MANIFEST)) is not None:
            text = json.dumps({**json.loads(manifest), "file": self.target.name}, indent=1)
            write_atomically(self.manifest, text + "\n")

    def fetch_publication(self) -> None:
        """Copy the published file, if it is another one than the run folder has."""
        manifest = self._published()
        if manifest is None:
            return
        self.target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self.target.parent / f".{self.target.name}.lock"):
            here = publish.current(self.target)
            if here is None or not _is_same(here, manifest):
                self.storage.download(f"published/{manifest['file']}", self.target)
                self.target.chmod(0o444)
            self.fetch_manifest()

    def store_publication(self, *, keep_older: bool = True) -> None:
        """Copy the published file under a name of its own, then the manifest that names it."""
        here, before = publish.current(self.target), self._published()
        if here is None or (before is not None and _is_same(here, before)):
            if before is not None and not keep_older:
                self._keep(before["file"])
            return
        moment = here.published_at[:19].replace("-", "").replace(":", "")
        mark = here.audit_id[:8] + (f"-{here.erasures}" if here.erasures else "")
        name = f"{self.target.stem}-{moment}-{mark}{self.target.suffix}"
        self.storage.upload(self.target, f"published/{name}", in_place=True)
        manifest = {**json.loads(self.manifest.read_text(encoding="utf-8")), "file": name}
        draft = self.manifest.with_name(".manifest.json.state.tmp")
        draft.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        self.storage.upload(draft, MANIFEST)
        draft.unlink()
        # The one before stays: somebody may be reading it.
        self._keep(name, before["file"] if before and keep_older else name)

    def _keep(self, *names: str) -> None:
        keep = {MANIFEST, *(f"published/{name}" for name in names)}
        for file in self.storage.files():
            if file.name.startswith("published/") and file.name not in keep:
                self.storage.delete(file.name)

    def _published(self) -> dict[str, Any] | None:
        manifest = self.storage.read(MANIFEST)
        return json.loads(manifest) if manifest is not None else None

    def _stored(self) -> set[str]:
        names = (file.name for file in self.storage.files())
        return {name.removeprefix("reports/") for name in names if name.startswith("reports/")}

    def _store_report(self, name: str) -> None:
        self.storage.upload(self.reports / name, f"reports/{name}")

    @staticmethod
    def _all_at_once(action: Callable[[str], None], names: list[str]) -> None:
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            list(threads.map(action, names))  # the list raises what a thread raised


def _is_same(here: publish.Publication, manifest: dict[str, Any]) -> bool:
    there = (manifest["audit_id"], manifest.get("erasures", 0))
    return (here.audit_id, here.erasures) == there


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)
