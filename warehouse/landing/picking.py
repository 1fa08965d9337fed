"""Read of a JSON text only what is asked for: the rest is passed over, and checked, by msgspec."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cache
from operator import attrgetter
from typing import Any, TypedDict

import msgspec

TOO_DEEP = "nested too deeply"
_any = msgspec.json.Decoder()


@cache
def picker(paths: tuple[str, ...]) -> Callable[[str], Any]:
    """A function that reads of a text the members on these paths (``a.b``, through arrays).

    It gives an object with these alone; what is no object is read whole. Raises ValueError for a
    text that is not valid JSON.
    """
    read = msgspec.json.Decoder(_type(path.split(".") for path in paths)).decode

    def pick(text: str) -> Any:
        try:
            return read(text)
        except (msgspec.DecodeError, RecursionError):
            return whole(text)

    return pick


@cache
def pickers(paths: tuple[str, ...]) -> Callable[[list[str]], list[Any] | None]:
    """The same for many texts at once; None where one of them is to be looked at alone."""
    read = msgspec.json.Decoder(list[_type(path.split(".") for path in paths)]).decode  # type: ignore[misc]

    def pick(texts: list[str]) -> list[Any] | None:
        try:
            found = read(f"[{','.join(texts)}]")
        except (ValueError, RecursionError):
            return None
        return found if len(found) == len(texts) else None

    return pick


@cache
def columns(paths: tuple[str, ...]) -> Callable[[list[str]], list[list[Any]] | None]:
    """A function that reads many texts at once: for each path (``a.b``) what they have there.

    It gives None unless all of them are objects with a text or a whole number on every path, which
    is then to be found out one by one.
    """
    tree: dict[str, Any] = {}
    for path in paths:
        level = tree
        for name in path.split("."):
            level = level.setdefault(name, {})
    if any(other.startswith(f"{path}.") for path in paths for other in paths):
        return lambda texts: None  # a value that another path leads through is no plain one
    read = msgspec.json.Decoder(list[_record(tree)]).decode  # type: ignore[misc]
    found = [attrgetter(_attributes(tree, path)) for path in paths]

    def pick(texts: list[str]) -> list[list[Any]] | None:
        try:
            records = read(f"[{','.join(texts)}]")
        except (ValueError, RecursionError):
            return None
        return [list(map(each, records)) for each in found] if len(records) == len(texts) else None

    return pick


@cache
def cutters(names: tuple[str, ...]) -> Callable[[list[str]], list[list[str | None]] | None]:
    """A function that cuts many texts at once: for each name the own text of the members that are
    called so, None where there is none. It gives None unless all of the texts are objects."""
    fields = [f"f{at}" for at in range(len(names))]
    record = msgspec.defstruct(
        "Cut",
        [(each, msgspec.Raw, None) for each in fields],
        rename=dict(zip(fields, names, strict=True)),
        gc=False,
    )
    read = msgspec.json.Decoder(list[record]).decode  # type: ignore[valid-type]
    found = list(map(attrgetter, fields))

    def cut(texts: list[str]) -> list[list[str | None]] | None:
        try:
            records = read(f"[{','.join(texts)}]")
        except (ValueError, RecursionError):
            return None
        if len(records) != len(texts):
            return None
        return [
            [None if raw is None else str(raw, "utf-8") for raw in map(each, records)]
            for each in found
        ]

    return cut


def whole(text: str) -> Any:
    """All of a text. Numbers of thousands of digits stay texts.

    Raises ValueError for a text that is not valid JSON.
    """
    try:
        return _any.decode(text)
    except msgspec.ValidationError:
        return json.loads(text, parse_int=str)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from None
    except RecursionError:
        raise ValueError(TOO_DEEP) from None


def _type(paths: Iterable[list[str]]) -> Any:
    inner: dict[str, list[list[str]]] = {}
    for name, *rest in paths:
        inner.setdefault(name, []).append(rest)
    # What is asked for itself is read whole, wherever else it leads.
    members = {name: _type(rests) if all(rests) else Any for name, rests in inner.items()}
    record = TypedDict("Picked", members, total=False)  # type: ignore[misc]
    plain = str | int | float | bool | None
    return record | list[record | list[Any] | plain] | plain


def _record(tree: dict[str, Any]) -> Any:
    """A record that must have all that is in the tree."""
    kinds = [_record(inner) if inner else str | int for inner in tree.values()]
    names = [f"f{at}" for at in range(len(kinds))]
    return msgspec.defstruct(
        "Record",
        list(zip(names, kinds, strict=True)),
        rename=dict(zip(names, tree, strict=True)),
        gc=False,
    )


def _attributes(tree: dict[str, Any], path: str) -> str:
    """Where a path leads to in such a record."""
    found = []
    for name in path.split("."):
        found.append(f"f{list(tree).index(name)}")
        tree = tree[name]
    return ".".join(found)
