"""Read of a JSON text only what is asked for: the rest is passed over, and checked, by msgspec."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, TypedDict

import msgspec

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
        raise ValueError("nested too deeply") from None


def _type(paths: Iterable[list[str]]) -> Any:
    inner: dict[str, list[list[str]]] = {}
    for name, *rest in paths:
        inner.setdefault(name, []).append(rest)
    # What is asked for itself is read whole, wherever else it leads.
    members = {name: _type(rests) if all(rests) else Any for name, rests in inner.items()}
    record = TypedDict("Picked", members, total=False)  # type: ignore[misc]
    plain = str | int | float | bool | None
    return record | list[record | list[Any] | plain] | plain
