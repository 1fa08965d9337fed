"""Read of a JSON text only what is asked for: the rest is passed over, and checked, by msgspec."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cache
from operator import attrgetter
from typing import Any, TypedDict

import msgspec

TOO_DEEP = "nested too deeply"
Array = str | bytes  # the text of a JSON array
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
def pickers(paths: tuple[str, ...]) -> Callable[[Array, int], list[Any] | None]:
    """The same for all elements of an array at once, of which there must be so many; None where
    one is to be looked at alone."""
    read = msgspec.json.Decoder(list[_type(path.split(".") for path in paths)]).decode  # type: ignore[misc]

    def pick(array: Array, count: int) -> list[Any] | None:
        try:
            found = read(array)
        except (ValueError, RecursionError):
            return None
        return found if len(found) == count else None

    return pick


@cache
def columns(
    paths: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Callable[[Array, int], list[list[Any]] | None]:
    """A function that reads an array of so many elements at once: for each of the paths (``a.b``)
    and then the optional ones what they have there.

    It gives None unless all of them are objects with a text or a whole number on every path, on an
    optional one maybe nothing. What others have is to be found out one by one.
    """
    tree: dict[str, Any] = {}
    everywhere = (*paths, *optional)
    for path in everywhere:
        level = tree
        for name in path.split("."):
            level = level.setdefault(name, {})
    if any(other.startswith(f"{path}.") for path in everywhere for other in everywhere):
        return lambda array, count: None  # a value that another path leads through is no plain one
    read = msgspec.json.Decoder(list[_record(tree, {*paths}, "")]).decode  # type: ignore[misc]
    found = [_getter(tree, path) for path in everywhere]

    def pick(array: Array, count: int) -> list[list[Any]] | None:
        try:
            records = read(array)
        except (ValueError, RecursionError):
            return None
        return [each(records) for each in found] if len(records) == count else None

    return pick


@cache
def cutters(names: tuple[str, ...]) -> Callable[[Array, int], list[list[str | None]] | None]:
    """A function that cuts so many elements of an array at once: for each name the own text of the
    members that are called so, None where there is none. It gives None unless all are objects."""
    fields = [f"f{at}" for at in range(len(names))]
    record = msgspec.defstruct(
        "Cut",
        [(each, msgspec.Raw, None) for each in fields],
        rename=dict(zip(fields, names, strict=True)),
        gc=False,
    )
    read = msgspec.json.Decoder(list[record]).decode  # type: ignore[valid-type]
    found = list(map(attrgetter, fields))

    def cut(array: Array, count: int) -> list[list[str | None]] | None:
        try:
            records = read(array)
        except (ValueError, RecursionError):
            return None
        if len(records) != count:
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


def _record(tree: dict[str, Any], required: set[str], before: str) -> Any:
    """A record that must have all that is in the tree and leads to what is required."""
    fields: list[Any] = []
    for at, (name, inner) in enumerate(tree.items()):
        path = f"{before}{name}"
        kind = _record(inner, required, f"{path}.") if inner else str | int
        if path in required or any(each.startswith(f"{path}.") for each in required):
            fields.append((f"f{at}", kind))
        else:
            fields.append((f"f{at}", kind | None, None))
    names = {f"f{at}": name for at, name in enumerate(tree)}
    return msgspec.defstruct("Record", fields, rename=names, kw_only=True, gc=False)


def _getter(tree: dict[str, Any], path: str) -> Callable[[list[Any]], list[Any]]:
    """A function from such records to what they have on a path."""
    steps = []
    for name in path.split("."):
        steps.append(attrgetter(f"f{list(tree).index(name)}"))
        tree = tree[name]

    def get(records: list[Any]) -> list[Any]:
        for step in steps:
            records = [None if each is None else step(each) for each in records]
        return records

    return get
