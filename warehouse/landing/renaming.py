"""Give a connection's folder another name: its loads, their state, quarantine and kept tokens."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack

from pyarrow import fs as pafs

from warehouse.landing.errors import SettingError
from warehouse.landing.suppression import put, rename_kinds
from warehouse.landing.zone import KEPT, Landing

BEGUN = "_renaming"  # in an object store, a file for each that has not ended


def rename(
    landing: Landing, old: str, new: str, kinds: Mapping[str, str] | None = None
) -> dict[str, int]:
    """Move all that has landed for ``old`` to ``new``; returns the number of loads by stream.

    A folder moves whole, by one rename. An object store knows no folders: there the loads move one
    by one, the oldest first; what was interrupted goes on when it is asked for again.
    ``kinds``: the connection's kinds of ids, old: new. Who was erased stays out under the new ones.
    Raises SettingError if there is nothing to move, or if ``new`` has loads of its own.
    """
    begun = f"{BEGUN}/{old}-{new}.json"
    names = {place.stream for each in (old, new) for place in landing.streams(each)}
    with ExitStack() as locks:
        for connection in sorted((old, new)):
            for name in sorted(names):
                locks.enter_context(landing.stream(connection, name).lock())
        goes_on = not landing.is_local and landing.storage.read(begun) is not None
        loads = {place.stream: len(place.load_ids()) for place in landing.streams(old)}
        if not any(loads.values()) and not goes_on:
            raise SettingError(f"{landing.url}/{old} holds no loads; nothing was moved")
        if not goes_on and any(place.load_ids() for place in landing.streams(new)):
            raise SettingError(f"{landing.url}/{new} holds loads of its own; nothing was moved")
        if not landing.is_local:
            put(landing, begun, {"from": old, "to": new})
        rename_kinds(landing, kinds or {})
        for folder in ("_quarantine", KEPT):
            _move_files(landing, f"{folder}/{old}", f"{folder}/{new}")
        if landing.is_local:
            landing.storage.delete_folder(new)  # no more than empty streams
            landing.storage.move(old, new)
        else:
            _move_files(landing, old, new)
            landing.storage.delete(begun)
    return {name: count for name, count in loads.items() if count}


def _move_files(landing: Landing, old: str, new: str) -> None:
    storage = landing.storage
    entries = storage.entries(f"{storage.root}/{old}", recursive=True)
    files = [entry for entry in entries if entry.type == pafs.FileType.File]
    for file in sorted(files, key=lambda entry: entry.base_name):
        name = file.path.removeprefix(f"{storage.root}/")
        storage.move(name, new + name.removeprefix(old))
    storage.delete_folder(old)
