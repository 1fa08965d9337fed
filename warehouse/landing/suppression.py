"""The people whom this installation has erased, kept so that a vendor cannot bring them back.

Each erasure leaves one file, ``<landing>/_suppression/<erasure>.json``, with the keyed hashes
(HMAC-SHA256) of the identifiers that were theirs alone. A load reads the files once, before it
asks the vendor; a row that carries such an identifier is dropped or blanked before it is written,
as its stream declares (:class:`~warehouse.landing.personal.Personal`). To lift an erasure is to
remove its file.

The key stands in ``O2O_SUPPRESSION_KEY`` or, beside a local landing zone, in a file made once. It
is not the key of the identity hashes: who can read the warehouse cannot test this list.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.files import PRIVATE, write_atomically
from warehouse.landing.errors import SettingError
from warehouse.landing.personal import (
    FACT,
    NOBODY,
    IsErased,
    Personal,
    blank,
    names,
    names_email,
    values,
)
from warehouse.landing.picking import picker
from warehouse.landing.rows import Bad, Row

if TYPE_CHECKING:
    from warehouse.landing.zone import Landing

FOLDER = "_suppression"
REMEMBERED = 200_000  # answers; the same browsers and devices come again and again
# Kinds that went by another name when people were erased: who was, stays out.
FORMERLY = {"browser_id": "ga_client_id"}
_CHECK = "o2o"  # hashed into each file, so that another key is noticed


class Guard:
    """Keeps a person's values out of one stream's rows. Counts what it ``dropped`` and ``blanked``.

    ``kinds``: the kinds of identifiers that ``is_erased`` knows. ``is_named``: the same, for what
    stands where nobody declared anything.
    """

    def __init__(
        self,
        personal: Personal | None,
        is_erased: IsErased,
        kinds: Collection[str],
        is_named: IsErased | None = None,
    ) -> None:
        self.personal = personal or NOBODY
        self.is_erased = is_erased
        self.is_named = is_named or is_erased
        self.kinds = frozenset(kind for kind in kinds if not kind.startswith(FACT))
        self.dropped = 0
        self.blanked = 0
        declared = {**self.personal.who, **self.personal.carries}
        self._emails = [path for path, kind in declared.items() if kind == "email"]
        self._pick = picker(self.personal.paths)

    def rows(self, rows: Iterable[Row]) -> list[Row]:
        """The rows that may land, as they may."""
        kept: list[Row] = []
        for row in rows:
            payload = self.payload(row[0], row[2])
            if payload is not None:
                kept.append(row if payload is row[2] else (row[0], row[1], payload))
        return kept

    def bad(self, elements: Iterable[Bad]) -> list[Bad]:
        """The elements that may be set aside: one that names an erased person is of no use."""
        elements = list(elements)
        kept = [bad for bad in elements if not names(bad[1], self.is_named, self.kinds)]
        self.dropped += len(elements) - len(kept)
        return kept

    def payload(self, key: str | None, payload: str, *, thorough: bool = False) -> str | None:
        """What may land of a payload: itself, a blanked copy, or None for nothing.

        Looks at the declared paths and for e-mail addresses anywhere; ``thorough``: for all kinds
        of identifiers anywhere.
        """
        if self.personal is NOBODY and not thorough and not _may_have_email(payload):
            return payload
        try:
            item = self._read(payload)
        except (ValueError, RecursionError):  # it landed before such records were set aside
            return None if not self.bad([("", payload)]) else payload
        if self.personal.is_persons(key, item, self.is_erased):
            if self.personal.policy == "drop":
                self.dropped += 1
                return None
            rest = self.personal.blanked(payload, self.is_erased, self.kinds)
        elif thorough:
            rest = blank(payload, lambda _, value: self._names(value, self.kinds))
        elif self._has_hidden_email(item, payload):
            rest = blank(payload, lambda _, value: self._names(value, frozenset(("email",))))
        else:
            return payload
        self.blanked += rest != payload
        return payload if rest == payload else rest

    def _read(self, payload: str) -> Any:
        try:
            return self._pick(payload)
        except ValueError:  # what msgspec does not take may be JSON all the same
            return json.loads(payload)

    def _has_hidden_email(self, item: object, payload: str) -> bool:
        if not _may_have_email(payload):
            return False
        found = payload.count("@") + payload.count("\\u0040")
        declared = sum(value.count("@") for path in self._emails for value in values(item, path))
        return found > declared and names_email(payload.replace("\\u0040", "@"), self.is_erased)

    def _names(self, value: object, kinds: frozenset[str]) -> bool:
        return isinstance(value, str) and names(value, self.is_named, kinds)


def _may_have_email(payload: str) -> bool:
    return "@" in payload or "\\u0040" in payload


@dataclass(frozen=True)
class Erased:
    """What was erased while its kinds had the same names.

    ``names``: the name with which a kind was hashed, by the name that it has today.
    """

    names: Mapping[str, str]
    hashes: Collection[bytes]

    def has(self, key: bytes, kind: str, spelling: str) -> bool:
        return kind in self.names and digest(key, self.names[kind], spelling) in self.hashes


class Suppression:
    """The erased identifiers of a landing zone. False as long as nobody was erased."""

    def __init__(self, key: bytes, erased: Sequence[Erased]) -> None:
        self._erased = erased
        self._kinds = {kind for each in erased for kind in each.names}
        self.is_erased = lru_cache(REMEMBERED)(
            lambda kind, spelling: any(each.has(key, kind, spelling) for each in erased)
        )

    def __bool__(self) -> bool:
        return any(each.hashes for each in self._erased)

    def guard(self, personal: Personal | None, connection: str) -> Guard:
        """A guard of one stream of a connection."""
        bound = personal.of(connection, self._kinds) if personal else None
        return Guard(bound, self.is_erased, self._kinds)


def read(landing: Landing) -> Suppression:
    """What was erased so far.

    Raises SettingError if the key is missing or is not the one that the list was made with.
    """
    files = sorted(_names(landing))
    if not files:
        return Suppression(b"", ())
    secret = key(landing, make=False)
    found: dict[tuple[tuple[str, str], ...], tuple[dict[str, str], set[bytes]]] = {}
    for file in files:
        document = json.loads(landing.storage.read(file) or b"{}")
        if document["check"] != digest(secret, "", _CHECK).hex():
            raise SettingError(
                f"{landing.url}/{file} was made with another key. Set O2O_SUPPRESSION_KEY to the"
                " key with which people were erased: with another one they would come back."
            )
        kinds = _kinds(document)
        changed = tuple(sorted(item for item in kinds.items() if item[0] != item[1]))
        names, hashes = found.setdefault(changed, ({}, set()))
        names.update(kinds)
        hashes.update(map(bytes.fromhex, document["hashes"]))
    return Suppression(secret, [Erased(*each) for each in found.values()])


def _kinds(document: Mapping[str, Any]) -> dict[str, str]:
    """By its name of today, the name with which each kind of an erasure was hashed."""
    today = {formerly: kind for kind, formerly in FORMERLY.items()}
    formerly = document.get("formerly", {})
    return {today.get(kind, kind): formerly.get(kind, kind) for kind in document["kinds"]}


def rename_kinds(landing: Landing, renamed: Mapping[str, str]) -> None:
    """Go on knowing who was erased when kinds get other names, given as old: new.

    The old names then mean nobody of those who are erased by now: they may be somebody else's.
    """
    for file in sorted(_names(landing)):
        document = json.loads(landing.storage.read(file) or b"{}")
        hashed = {renamed.get(kind, kind): name for kind, name in _kinds(document).items()}
        formerly = {kind: name for kind, name in hashed.items() if kind != name}
        rest = {name: value for name, value in document.items() if name != "formerly"}
        wanted = {**rest, "kinds": sorted(hashed), **({"formerly": formerly} if formerly else {})}
        if wanted != document:
            put(landing, file, wanted)


def write(landing: Landing, erasure: str, entries: Iterable[tuple[str, str]]) -> list[str]:
    """Suppress identifiers (kind and canonical spelling) from now on; returns their hashes.

    Raises SettingError for another key than those who are erased already were hashed with.
    """
    read(landing)
    entries = list(entries)
    secret = key(landing)
    hashes = sorted(digest(secret, kind, spelling).hex() for kind, spelling in entries)
    document = {
        "check": digest(secret, "", _CHECK).hex(),
        "kinds": sorted({kind for kind, _ in entries}),
        "hashes": hashes,
    }
    put(landing, f"{FOLDER}/{erasure}.json", document)
    return hashes


def revoke(landing: Landing, erasure: str) -> bool:
    """Let the person of an erasure come in again; False if nothing is suppressed for it."""
    name = f"{FOLDER}/{erasure}.json"
    if name not in _names(landing):
        return False
    landing.storage.delete(name)
    return True


def put(landing: Landing, name: str, document: object) -> None:
    """Write a small JSON file into the landing zone, whole or not at all."""
    content = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    landing.storage.write(name, content.encode())


def digest(secret: bytes, kind: str, spelling: str) -> bytes:
    return hmac.digest(secret, f"{kind}\0{spelling}".encode(), "sha256")


def key(landing: Landing, *, make: bool = True) -> bytes:
    """The secret of the hashes; ``make``: one that is not there yet.

    Raises SettingError if there is none.
    """
    if given := os.environ.get("O2O_SUPPRESSION_KEY"):
        return given.encode()
    file = Path(landing.root) / FOLDER / "key"
    if not landing.is_local:
        raise SettingError(
            f"The landing zone {landing.url} is not on this machine, so the key of its suppression"
            " list must not lie there, either: set O2O_SUPPRESSION_KEY, to the same secret wherever"
            " data is landed or erased."
        )
    if not file.exists():
        if not make or any(_names(landing)):
            raise SettingError(
                f"{file} is missing, the key of the suppression list. Put it back from a backup:"
                " without it the people who were erased would come back."
            )
        write_atomically(file, secrets.token_hex(32), PRIVATE)
    return file.read_text().encode()


def _names(landing: Landing) -> Iterator[str]:
    for entry in landing.storage.entries(f"{landing.root}/{FOLDER}"):
        if entry.base_name.endswith(".json"):
            yield f"{FOLDER}/{entry.base_name}"
