"""All sources: each folder beside this file that declares a ``SOURCE`` in ``source.py``. What
``files`` reads is declared by the company that has them."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import connectors
from connectors.core.errors import UnknownName, near
from connectors.core.source import Source


def _declared() -> dict[str, Source]:
    folders = [folder.name for folder in pkgutil.iter_modules(connectors.__path__) if folder.ispkg]
    modules = [
        import_module(f"connectors.{name}.source")
        for name in folders
        if name not in ("core", "files")
    ]
    return {module.SOURCE.name: module.SOURCE for module in modules}


SOURCES = _declared()


def shareable_kinds() -> frozenset[str]:
    """The kinds of identifiers that several people may carry, as the sources declare them."""
    declared = [stream.personal for source in SOURCES.values() for stream in source.streams]
    return frozenset(
        kind for personal in declared if personal for kind in personal.carries.values()
    )


def id_kinds(vendor: str) -> frozenset[str]:
    """The kinds of ids that a source gives out, as its streams declare them."""
    declared = [stream.personal for stream in find(vendor).streams]
    return frozenset(
        kind
        for personal in declared
        if personal
        for kind in (personal.record, *personal.who.values(), *personal.via.values())
        if kind
    )


def find(name: str) -> Source:
    """The source of this name; raises UnknownName, which lists those that exist."""
    if name not in SOURCES:
        raise UnknownName(
            f"no source called {name!r}{near(name, SOURCES)}; there are {', '.join(SOURCES)}"
        )
    return SOURCES[name]
