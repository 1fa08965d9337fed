"""Take a page of JSON apart and keep each row's own text.

Landed payloads are the vendor's bytes. Parsing a row and writing it again would turn ``1.10`` into
``1.1`` and long decimals into the nearest float, so the parser's positions are used instead: each
row of the page's array is parsed once, for its key and cursor, and sliced out of the page for
landing. This is also faster than serialising it again.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

_decode = json.JSONDecoder().raw_decode
_NOT_SPACE = re.compile(r"[^ \t\n\r]")


def _skip(text: str, at: int) -> int:
    """The next position that is not white space, at most the text's end."""
    if text[at : at + 1] > " ":
        return at
    found = _NOT_SPACE.search(text, at)
    return found.start() if found else len(text)


@dataclass
class Page:
    """One page: parsed rows, the same rows' text, and everything around them."""

    items: list[Any] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    envelope: Any = None
    total: int | None = None  # rows of the whole page run, where the vendor says so


def split(text: str, path: tuple[str, ...]) -> Page:
    """Parse a JSON document whose rows are the array at ``path`` (``()``: the document itself).

    The envelope is the document with that array left empty. A document without the array gives a
    page without rows. Raises ValueError when the text is not one whole JSON document.
    """
    page = Page()
    page.envelope, end = _value(text, _skip(text, 0), path, page)
    if _skip(text, end) != len(text):
        raise ValueError("text after the end of the JSON document")
    return page


def _value(text: str, at: int, path: tuple[str, ...] | None, page: Page) -> tuple[Any, int]:
    here = text[at : at + 1]
    if path == () and here == "[":
        return [], _rows(text, at, page)
    if path and here == "{":
        return _members(text, at, path, page)
    return _decode(text, at)


def _members(text: str, at: int, path: tuple[str, ...], page: Page) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    at = _skip(text, at + 1)
    if text[at : at + 1] == "}":
        return found, at + 1
    while True:
        name, at = _decode(text, at)
        at = _skip(text, at)
        if not isinstance(name, str) or text[at : at + 1] != ":":
            raise ValueError("expected a name and a colon")
        inner = path[1:] if name == path[0] else None
        found[name], at = _value(text, _skip(text, at + 1), inner, page)
        at = _skip(text, at)
        if text[at : at + 1] == "}":
            return found, at + 1
        if text[at : at + 1] != ",":
            raise ValueError("expected a comma")
        at = _skip(text, at + 1)


def _rows(text: str, at: int, page: Page) -> int:
    at = _skip(text, at + 1)
    if text[at : at + 1] == "]":
        return at + 1
    while True:
        item, end = _decode(text, at)
        page.items.append(item)
        page.raw.append(text[at:end])
        at = _skip(text, end)
        if text[at : at + 1] == "]":
            return at + 1
        if text[at : at + 1] != ",":
            raise ValueError("expected a comma")
        at = _skip(text, at + 1)


def extend(raw: str, members: str) -> str:
    """Add members (``"name":value,…``) to the end of a row's object, leaving its own text alone."""
    body = raw.rstrip()[:-1].rstrip()
    return f"{body}{'' if body == '{' else ','}{members}}}"
