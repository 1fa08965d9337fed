"""Who somebody is to the warehouse, and why: records, links, stints, what linkage would add.

Identifiers are told by kind and hash, never by value.
"""

# Queries are put together from this project's own constants and ids of its own tables, quoted.
# ruff: noqa: S608
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from o2o.people.lookup import Identity, UnknownPerson, listed, quoted
from warehouse.engines.warehouse import Reader

SHOWN = 12  # characters of a hash that tell it from its neighbours


@dataclass(frozen=True)
class Link:
    """One record and one identifier, as the guards judged it."""

    record_key: str
    identifier_type: str
    identifier_hash: str
    link_key: str
    blocked_reason: str | None
    others: int  # further records that the link ties

    @property
    def name(self) -> str:
        return f"{self.identifier_type} {self.identifier_hash[:SHOWN]}"


@dataclass(frozen=True)
class Stint:
    """One record's time with one person."""

    record_key: str
    customer_id: str
    valid_from: datetime
    valid_to: datetime | None
    opened_by: str
    closed_by: str | None
    former_customer_id: str | None
    cause_rule: str | None


@dataclass
class Person:
    """What the warehouse knows of one person. ``records``: key to the system that holds it."""

    customer_id: str
    household_id: str | None = None
    household_person_count: int = 1
    records: dict[str, str] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    history: list[Stint] = field(default_factory=list)
    proposals: list[tuple[str, str, str]] = field(default_factory=list)  # record, decision, why

    def evidence(self) -> Iterator[tuple[str, str, list[Link]]]:
        """System, record key and links of each record."""
        by_record = defaultdict(list)
        for link in self.links:
            by_record[link.record_key].append(link)
        for key, system in sorted(self.records.items(), key=lambda item: (item[1], item[0])):
            yield system, key, by_record[key]


def find(reader: Reader, key: str, identifier: str, kind: str | None = None) -> list[Person]:
    """All persons that an identifier leads to: several where people share it.

    ``key`` is the one that identifiers are hashed with. Raises ``UnknownPerson`` if it is nobody.
    """
    identity = Identity(reader, key)
    customers = _by_id(identity, identifier.strip())
    nobodys: list[str] = []
    if not customers:
        customers, nobodys = identity.find(identifier, kind)
    if not customers and not nobodys:
        raise UnknownPerson(
            "Nobody is known by that identifier. It is looked up in its usual spellings; say what"
            " it is with --type, or give a record's id (o2o person 'acme:customer:123')."
        )
    people = [_person(identity, customer) for customer in customers]
    if nobodys:
        person = Person("nobody: no identifier of these records counts")
        person.records = dict(
            identity.rows(
                "int_identity__groups",
                "record_key, source_system",
                f"record_key in ({listed(nobodys)})",
            )
        )
        person.links = _links(identity, nobodys)
        people.append(person)
    return people


def _by_id(identity: Identity, text: str) -> list[str]:
    """A customer id, also one that has become another; or a record's key."""
    current = identity.rows(
        "int_identity__aliases", "current_customer_id", f"customer_id = {quoted(text)}"
    )
    owners = identity.rows(
        "int_identity__memberships",
        "customer_id",
        f"record_key = {quoted(text)} and valid_to is null",
    )
    return sorted({customer for (customer,) in [*current, *owners] if customer})


def _person(identity: Identity, customer: str) -> Person:
    person = Person(customer)
    who = f"customer_id = {quoted(customer)}"
    for household, count in identity.rows(
        "int_identity__households", "household_id, household_person_count", who
    ):
        person.household_id, person.household_person_count = household, count
    person.records = dict(identity.rows("int_identity__persons", "record_key, source_system", who))
    person.links = _links(identity, list(person.records))
    person.history = [
        Stint(*row)
        for row in identity.rows(
            "int_identity__memberships",
            "record_key, customer_id, valid_from, valid_to, opened_by, closed_by,"
            " former_customer_id, cause_rule",
            f"{who} or former_customer_id = {quoted(customer)}"
            " order by opened_run, valid_from, record_key",
        )
    ]
    mine = listed(person.records)
    person.proposals = [
        (other if one in person.records else one, decision, why)
        for one, other, decision, why in identity.rows(
            "stg_o2o__identity_links",
            "left_record_key, right_record_key, decision, explanation",
            f"left_record_key in ({mine}) or right_record_key in ({mine})"
            " order by probability desc limit 20",
        )
    ]
    return person


def _links(identity: Identity, records: list[str]) -> list[Link]:
    mine = listed(records)
    ties = dict(
        identity.rows(
            "int_identity__evidence",
            "link_key, count(*)",
            "is_usable and link_key in (select link_key from"
            f" {identity.place('int_identity__evidence')} where record_key in ({mine}))"
            " group by link_key",
        )
    )
    return [
        Link(record, kind, one, link, reason, ties.get(link, 1) - 1 if reason is None else 0)
        for record, kind, one, link, reason in identity.rows(
            "int_identity__evidence",
            "record_key, identifier_type, identifier_hash, link_key, blocked_reason",
            f"record_key in ({mine}) order by trust_rank, link_key",
        )
    ]
