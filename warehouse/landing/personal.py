"""What a payload says about people, and how it is taken out again.

Identifiers are compared by their canonical spelling, and a payload loses only what is personal in
it: every other byte stays as the vendor sent it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, Literal

from identifiers import encoded, reading

# Kinds that begin so are ids of facts, which stay: they tell whose a row is and are never blanked.
FACT = "fact:"
SHORTEST = 6  # characters below which a value in a text says nothing

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*[A-Za-z0-9]")
_NOT_SPACE = re.compile(r"[^ \t\n\r]")

IsErased = Callable[[str, str], bool]  # kind, canonical spelling
Leaf = tuple[str, Any, int, int]  # path, value, and where its text begins and ends


@dataclass(frozen=True)
class Personal:
    """Where the rows of a stream speak of people, and what an erasure does to a person's rows.

    ``policy``: *drop* the row, or *blank* what is personal in it; rows of money are blanked, or the
    books would not stay whole. A row is a person's if it carries an identifier of theirs:
    ``record`` is the kind of id that the row's key is; ``who`` maps paths to kinds of ids, each of
    one person's record; ``carries`` maps paths to kinds of identifiers that several people may
    share (an address, a card, a browser): on a person's own row these go, whoever else has them.
    ``via`` maps paths to the ids of other streams' ``record`` (a payment's order). ``refers`` maps
    paths to kinds of ids of records in other systems. ``also`` are further paths that are blanked:
    names, addresses. Paths (``a.b``) go through arrays.

    An id means something only together with the connection that it is from: see :meth:`of`.
    """

    policy: Literal["drop", "blank"]
    who: Mapping[str, str] = field(default_factory=dict)
    carries: Mapping[str, str] = field(default_factory=dict)
    record: str = ""
    via: Mapping[str, str] = field(default_factory=dict)
    refers: Mapping[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    _others: tuple[tuple[str, str], ...] = ()  # path and kind, of what `refers` may be

    def of(self, connection: str, kinds: Collection[str] = ()) -> Personal:
        """The same, said of one connection's rows: ids are of kinds such as ``acme_customer_id``.

        Another system's id is of each of these ``kinds`` that it may be: which of two shops a
        number is from, a payload does not tell.
        """
        return replace(
            self,
            record=id_kind(connection, self.record) if self.record else "",
            who={path: id_kind(connection, kind) for path, kind in self.who.items()},
            via={path: id_kind(connection, kind) for path, kind in self.via.items()},
            refers={},
            _others=tuple(
                (path, one)
                for path, kind in self.refers.items()
                for one in sorted(kinds)
                if one.endswith(f"_{kind}")
            ),
        )

    @property
    def key_kind(self) -> str:
        """The kind of the row's key; empty if identity knows no such record."""
        return FACT + self.record if self.record and self.policy == "blank" else self.record

    def identifiers(self, key: str | None, item: Any) -> Iterator[tuple[str, str]]:
        """Kind and value, as spelled, of every identifier on a row."""
        if self.key_kind and key:
            yield self.key_kind, key
        who = (*self.who.items(), *self._others)
        for paths, prefix in ((who, ""), (self.carries.items(), ""), (self.via.items(), FACT)):
            for path, kind in paths:
                for value in values(item, path):
                    yield prefix + kind, value

    @property
    def paths(self) -> tuple[str, ...]:
        """Where identifiers stand on a row."""
        others = (path for path, _ in self._others)
        return tuple(dict.fromkeys((*self.who, *others, *self.carries, *self.via)))

    def further(self, item: Any) -> Iterator[str]:
        """What else is personal on a row: names, addresses."""
        for path in self.also:
            yield from values(item, path)

    def is_persons(self, key: str | None, item: Any, is_erased: IsErased) -> bool:
        return any(
            is_erased(kind, spelling)
            for kind, value in self.identifiers(key, item)
            for spelling in spellings(kind, value)
        )

    def blanked(self, payload: str, is_erased: IsErased, kinds: frozenset[str]) -> str:
        """The payload of a person's row without what is personal; ``kinds`` may stand anywhere."""

        def is_personal(path: str, value: Any) -> bool:
            if path in self.carries or path in self.also:
                return True
            told = any(
                is_erased(kind, one)
                for named, kind in (*self.who.items(), *self._others)
                if named == path
                for one in spellings(kind, str(value))
            )
            return told or (isinstance(value, str) and names(value, is_erased, kinds))

        return blank(payload, is_personal)


def id_kind(connection: str, kind: str) -> str:
    """The kind of an id that a connection gave out: ``acme_customer_id``."""
    return f"{connection}_{kind}"


NOBODY = Personal("blank")  # a stream that declares nothing personal


def values(item: Any, path: str) -> Iterator[str]:
    """The texts and numbers at a path, through arrays."""
    found = [item]
    for name in path.split("."):
        inner = [each.get(name) for each in found if isinstance(each, dict)]
        found = [one for each in inner for one in (each if isinstance(each, list) else (each,))]
    for value in found:
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            yield str(value)


def spellings(kind: str, value: str) -> list[str]:
    """The canonical spellings under which an identifier is known; none if nothing is left of it.

    E-mail and phone: as :mod:`identifiers.reading` reads them, and where a field is not just one,
    each that stands in it. Phone numbers are known by their digits, international or not: whose
    country they are of, a payload does not tell. Ids: the last part of a path
    (``gid://shop/Customer/1``); a list has several.
    """
    if kind == "email":
        address = reading.email(value)
        return [address] if address else reading.emails(value)
    if kind == "phone":
        number = reading.dialled(value)
        found = [number] if number else reading.all_dialled(value)
        return [digits for one in found if len(digits := one.lstrip("+")) >= SHORTEST]
    if kind == "loyalty_card":
        signs = reading.card(value)
        return [signs] if signs else []
    return [part.rpartition("/")[2] for part in value.strip().split(";") if part]


def names(text: str, is_erased: IsErased, kinds: frozenset[str]) -> bool:
    """Whether a text holds an erased identifier of these kinds, anywhere, also where a program has
    encoded it."""
    return any(_names(reading, is_erased, kinds) for reading in encoded.readings(text))


def _names(text: str, is_erased: IsErased, kinds: frozenset[str]) -> bool:
    if "email" in kinds and names_email(text, is_erased):
        return True
    if "phone" in kinds and names_phone(text, is_erased):
        return True
    words = [word for word in (text.strip(), *_WORD.findall(text)) if len(word) >= SHORTEST]
    return any(is_erased(kind, word) for kind in kinds - {"email", "phone"} for word in words)


def names_email(text: str, is_erased: IsErased) -> bool:
    return any(is_erased("email", one) for one in reading.emails(text))


def names_phone(text: str, is_erased: IsErased) -> bool:
    return any(is_erased("phone", one.lstrip("+")) for one in reading.all_dialled(text))


def blank(payload: str, is_personal: Callable[[str, Any], bool]) -> str:
    """The same JSON text with ``null`` in place of each plain value that is personal."""
    parts, end = [], 0
    for path, value, begin, after in _leaves(payload, _skip(payload, 0), ""):
        if value is not None and is_personal(path, value):
            parts += [payload[end:begin], "null"]
            end = after
    return "".join([*parts, payload[end:]]) if parts else payload


_decode = json.JSONDecoder().raw_decode


def _leaves(text: str, at: int, path: str) -> Iterator[Leaf]:
    """Every plain value of the JSON value that begins at ``at``."""
    stack: list[tuple[str, str]] = []  # open bracket and path of each container around
    name = path
    while True:
        here = text[at : at + 1]
        if here in ("{", "["):
            stack.append((here, name))
            at = _skip(text, at + 1)
        else:
            value, end = _decode(text, at)
            yield name, value, at, end
            at = _skip(text, end)
        while stack and text[at : at + 1] in ("}", "]"):
            stack.pop()
            at = _skip(text, at + 1)
        if not stack:
            return
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        bracket, outer = stack[-1]
        name = outer
        if bracket == "{":
            member, at = scanstring(text, at + 1)
            name = f"{outer}.{member}" if outer else member
            at = _skip(text, _skip(text, at) + 1)  # the colon


def _skip(text: str, at: int) -> int:
    found = _NOT_SPACE.search(text, at)
    return found.start() if found else len(text)
