"""Who is to be erased, and what is theirs: found in the warehouse's identity and in what landed."""

# Queries are put together from this project's own constants, ids of its own tables and quoted text.
from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from connectors.connections import vendor
from connectors.registry import SOURCES, shareable_kinds
from identifiers.reading import spelled as phone_spellings
from o2o.errors import O2OError
from o2o.people.erasure.landed import persons_rows
from o2o.people.erasure.spelling import literal, loose
from o2o.people.lookup import Identity, forms, listed
from warehouse.files import PRIVATE, remove_drafts, write_atomically
from warehouse.landing.personal import FACT, SHORTEST, id_kind, spellings
from warehouse.landing.zone import Landing

# A browser, a phone or a card is a record of its own: that it carries its own id says nothing.
_OWN_ID = {"browser", "app_device", "card_fingerprint"}


class ErasureError(O2OError):
    """Nothing was erased; the message says why and what to do."""


@dataclass
class Plan:
    """One erasure. Holds personal data in clear: it is kept only until the erasure is complete.

    ``records``: keys (``connection:kind:id``) of the person's records. ``elsewhere``: those of
    their ids that another connection gave to somebody else, too. ``own``: by kind, every
    value on their records, as spelled; ``theirs``: those that nobody else carries. ``erased``: kind
    and canonical spelling of what will be suppressed. ``hashes``: identity's own hashes and links
    of these.
    """

    id: str
    begun_at: str
    requested_by: str = ""
    customers: list[str] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    own: dict[str, list[str]] = field(default_factory=dict)
    theirs: dict[str, list[str]] = field(default_factory=dict)
    erased: list[tuple[str, str]] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)
    counts: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def shared(self) -> dict[str, int]:
        """By kind, how many of the person's values somebody else carries, too."""
        found = {
            kind: len(set(values) - set(self.theirs.get(kind, ())))
            for kind, values in self.own.items()
            if kind in shareable_kinds()
        }
        return {kind: count for kind, count in found.items() if count}

    @property
    def needles(self) -> list[str]:
        """What must be nowhere when the erasure is complete, but for ids of the person itself."""
        spelled = {value for kind, value in self.erased if not kind.startswith(FACT)}
        spelled -= {*self.elsewhere}
        spelled |= {value for values in self.theirs.values() for value in values}
        return sorted(
            one for one in {*spelled, *self.hashes, *self.records} if len(one) >= SHORTEST
        )

    @property
    def _values(self) -> set[str]:
        """The needles that somebody may have written, ids and hashes apart."""
        spelled = {value for values in self.theirs.values() for value in values}
        spelled |= {value for kind, value in self.erased if kind in shareable_kinds()}
        return spelled & {*self.needles}

    @property
    def standing(self) -> set[str]:
        """Those that a build makes again: orders, sales and deals stay, under their own names, and
        so does what ties them to each other."""
        named = {one: one.partition(":")[0] for one in self.hashes if ":" in one}
        named |= {one: record(one)[1] for one in self.records}
        personal = _personal()
        return {one for one, kind in named.items() if not {kind, f"{kind}_id"} & personal}

    @property
    def pattern(self) -> str:
        """A regular expression (RE2) that finds the needles."""
        return literal(self.needles, self._values)

    @property
    def people(self) -> str:
        """A regular expression that finds the ids of the person itself."""
        return literal(self.customers)

    @property
    def everything(self) -> str:
        """Both in one, because a pass over a table costs the same for many words as for one."""
        return literal([*self.needles, *self.customers], self._values)

    @property
    def loose(self) -> str:
        """A regular expression for whatever may hold one of the erased values, in any spelling."""
        return loose(self.erased)

    def texts(self) -> list[str]:
        """All values on the person's records, those of others too; not the ids of facts."""
        return sorted(
            {
                one
                for kind, values in self.own.items()
                if not kind.startswith(FACT)
                for one in values
            }
        )

    def save(self, file: Path) -> None:
        write_atomically(file, json.dumps(asdict(self)), PRIVATE)
        remove_drafts(file)

    @staticmethod
    def forget(file: Path) -> None:
        """Remove a saved plan, and what killed runs have left of it: it names the person."""
        file.unlink()
        remove_drafts(file)

    @classmethod
    def load(cls, file: Path) -> Plan:
        found = json.loads(file.read_text(encoding="utf-8"))
        return cls(**{**found, "erased": [tuple(one) for one in found["erased"]]})


def make(plan: Plan, identity: Identity, landing: Landing) -> None:
    """Fill in what belongs to ``plan.records``. Changes nothing but the plan."""
    ids = {entry for key in plan.records for entry in _entry(key)}
    plan.elsewhere = _given_out_twice(plan, identity)
    own: dict[str, set[str]] = defaultdict(set)
    for personal, key, item in persons_rows(landing, ids):
        for kind, value in personal.identifiers(key, item):
            if kind in shareable_kinds() or any(
                (kind, one) in ids for one in spellings(kind, value)
            ):
                own[kind].add(value)
        own["also"].update(personal.further(item))
    plan.own = {kind: sorted(values) for kind, values in own.items()}

    spelled = {
        (kind, value): {identity.hash(form): form for form in forms(kind, value)}
        for kind in shareable_kinds()
        for value in plan.own.get(kind, ())
    }
    judged = _judge(plan, identity, {one for found in spelled.values() for one in found})
    blocked = identity.rows("blocked_identifiers", "identifier_type, pattern", "true")
    blocked += identity.rows(
        "stg_o2o__company_rows", "identifier_type, pattern", "table_name = 'blocked_identifiers'"
    )
    theirs: dict[str, list[str]] = defaultdict(list)
    erased = ids | {entry for key in plan.records for entry in _entry(key)}
    for (kind, value), found in spelled.items():
        is_national = kind == "phone" and len(found) > 1
        known = {one: form for one, form in found.items() if not is_national or one in judged.seen}
        says_nothing = any(
            re.search(pattern, form)
            for form in known.values()
            for of_kind, pattern in blocked
            if of_kind == kind
        )
        if not known or says_nothing or judged.others & known.keys():
            continue
        theirs[kind].append(value)
        for one, form in known.items():
            plan.hashes += [one, identity.outward(form), identity.outward(f"{kind}:{one}")]
            variants = phone_spellings(form) if kind == "phone" else {form}
            erased |= {(kind, one) for each in variants for one in spellings(kind, each)}
    plan.theirs = dict(theirs)
    plan.erased = sorted(erased)
    plan.hashes = sorted({*plan.hashes, *_links(plan, identity)})


def _given_out_twice(plan: Plan, identity: Identity) -> list[str]:
    """Ids that systems gave to the person, and another system gave to somebody else."""
    ids = {
        name
        for key in plan.records
        for kind, name in _entry(key)
        if kind not in shareable_kinds() and not kind.startswith(FACT)
    }
    rows = identity.rows(
        "int_identity__observations",
        "distinct record_id",
        f"record_id in ({listed(ids)}) and record_key not in ({listed(plan.records)})",
    )
    return sorted(name for (name,) in rows)


@dataclass(frozen=True)
class _Judged:
    """Hashes of identifiers that identity knows, and those of them that others carry."""

    seen: set[str]
    others: set[str]


def _judge(plan: Plan, identity: Identity, hashes: set[str]) -> _Judged:
    rows = identity.rows(
        "int_identity__observations",
        "record_key, record_kind, record_id, identifier_hash, blocked_reason",
        f"identifier_hash in ({listed(hashes)})",
    )
    mine, seen, others = set(plan.records), set(), set()
    itself: dict[str, str] = {}
    for key, kind, record, one, blocked_reason in rows:
        seen.add(one)
        if key in mine and not blocked_reason:
            continue
        if kind in _OWN_ID and identity.hash(record) == one:
            itself[one] = key
        else:
            others.add(one)
    plan.records = sorted(
        {*plan.records, *(key for one, key in itself.items() if one not in others)}
    )
    return _Judged(seen, others)


def _links(plan: Plan, identity: Identity) -> set[str]:
    """Nodes of the identity graph, beside records, that only the person's records hang on."""
    keys = listed(plan.records)
    where = f"record_key in ({keys})"
    mine = {link for (link,) in identity.rows("int_identity__links", "distinct link_key", where)}
    where = f"link_key in ({listed(mine)}) and record_key not in ({keys})"
    others = identity.rows("int_identity__links", "distinct link_key", where)
    return mine - {link for (link,) in others}


def record(record_key: str) -> tuple[str, str, str]:
    """Connection, kind and id of a record."""
    connection, kind, name = record_key.split(":", 2)
    return connection, kind, name


def _entry(record_key: str) -> Iterable[tuple[str, str]]:
    """The kind of identifier that a record's own id is, and the id."""
    connection, kind, name = record(record_key)
    for carried in (kind, f"{kind}_id"):
        if carried in shareable_kinds():
            return [(carried, name)]
    given_out = id_kind(connection, f"{kind}_id")
    return [(FACT + given_out if is_fact(record_key) else given_out, name)]


def is_fact(record_key: str) -> bool:
    """Whether the record's rows stay, without what is personal: a sale."""
    connection, kind, _ = record(record_key)
    if vendor(connection) not in SOURCES:  # tables of others
        return kind == "order"
    return f"{kind}_id" in {
        stream.personal.record
        for stream in SOURCES[vendor(connection)].streams
        if stream.personal and stream.personal.policy == "blank"
    }


def _personal() -> set[str]:
    """Kinds of identifiers and ids that go."""
    declared = [
        stream.personal
        for source in SOURCES.values()
        for stream in source.streams
        if stream.personal
    ]
    carried = {kind for personal in declared for kind in personal.who.values()}
    return {*shareable_kinds(), *carried, *(one.record for one in declared if one.policy == "drop")}
