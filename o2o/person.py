"""``o2o person``: who somebody is to the warehouse, and why.

The evidence as a tree (person, records, what each of them carries and whether it counts), the
history of the records' stints, and what linkage would add. Identifiers are shown by kind and the
beginning of their hash: values have no business on a screen.
"""

# Queries are put together from this project's own constants and ids of its own tables, quoted.
# ruff: noqa: S608
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from engines.warehouse import Reader
from o2o.build import identity_secret
from o2o.identity import Identity, UnknownPerson, listed, quoted
from o2o.paths import Paths
from o2o.warehouse import open_warehouse

out = Console()
_SHOWN = 12  # characters of a hash that tell it from its neighbours


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
        return f"{self.identifier_type} {self.identifier_hash[:_SHOWN]}"


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


def command(
    identifier: Annotated[
        str,
        typer.Argument(help="An e-mail address, phone number, card, record id or customer_id."),
    ],
    kind: Annotated[
        str | None, typer.Option("--type", help="What the identifier is: email, phone, …")
    ] = None,
) -> None:
    """Show who a person is to the warehouse: evidence, guards and history."""
    from o2o.cli import clear_errors

    with clear_errors():
        paths = Paths.from_env()
        with open_warehouse(paths).reading() as reader:
            people = find(reader, identity_secret(paths), identifier, kind)
        for person in people:
            show(person, out)


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
            " it is with --type, or give a record's id (o2o person 'shopify_customer:123')."
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
    rows = identity.rows("int_identity__persons", "record_type, record_id, source_system", who)
    person.records = {f"{kind}:{record}": system for kind, record, system in rows}
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


def show(person: Person, console: Console) -> None:
    """Print the person's tree and history."""
    shared = (
        f", household of {person.household_person_count}"
        if person.household_person_count > 1
        else ""
    )
    tree = Tree(f"[bold]{escape(person.customer_id)}[/bold]{shared}")
    branches: dict[str, Tree] = {}
    for system, key, links in person.evidence():
        if system not in branches:
            branches[system] = tree.add(f"[bold]{system}[/bold]")
        branch = branches[system].add(escape(key))
        for link in links:
            branch.add(_told(link))
    console.print(tree, highlight=False)
    if person.history:
        console.print(_history(person), highlight=False)
    for record, decision, why in person.proposals:
        console.print(f"linkage, {decision}: {escape(record)}\n  {escape(why)}", soft_wrap=True)


def _told(link: Link) -> str:
    if link.blocked_reason:
        return f"[yellow]✗ {escape(link.name)}: {escape(link.blocked_reason)}[/yellow]"
    ties = f"ties {link.others} more" if link.others else "here only"
    return f"[green]✓[/green] {escape(link.name)}: {ties}"


def _history(person: Person) -> Table:
    """One line per event: stints that began alike at one time are counted together."""
    table = Table(box=SIMPLE_HEAD, title="History", title_justify="left")
    for name in ("since (UTC)", "what", "records", "because"):
        table.add_column(name)
    events: dict[tuple[Any, ...], int] = defaultdict(int)
    for stint in person.history:
        events[_event(stint, person.customer_id)] += 1
    for (at, what, because), count in events.items():
        table.add_row(f"{at:%Y-%m-%d %H:%M}", escape(what), str(count), escape(because))
    return table


def _event(stint: Stint, customer_id: str) -> tuple[datetime, str, str]:
    what, other = stint.opened_by, stint.former_customer_id
    if other and stint.customer_id == customer_id and other != customer_id:
        what = f"{what}, from {other[:_SHOWN]}"
    elif other == customer_id and stint.customer_id != customer_id:
        what = f"{what} off, to {stint.customer_id[:_SHOWN]}"
    if stint.closed_by and stint.customer_id == customer_id:
        what = f"{what}; {stint.closed_by} since {stint.valid_to:%Y-%m-%d}"
    return stint.valid_from, what, stint.cause_rule or ""
