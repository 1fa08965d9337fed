"""``o2o person``: who somebody is to the warehouse, and why.

The evidence as a tree (person, records, what each of them carries and whether it counts), the
history of the records' stints, and what linkage would add. Identifiers are shown by kind and the
beginning of their hash: values have no business on a screen.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from o2o.commands.terminal import clear_errors, out
from o2o.people import evidence
from o2o.people.evidence import SHOWN, Link, Person, Stint
from o2o.pipeline.engine import open_warehouse
from o2o.pipeline.identity_key import identity_key
from o2o.pipeline.paths import Paths


def command(
    identifier: Annotated[
        str,
        typer.Argument(help="E-mail address, phone number, card, record id or customer_id."),
    ],
    kind: Annotated[
        str | None, typer.Option("--type", help="Type of the identifier: email, phone, …")
    ] = None,
) -> None:
    """Show a person as the warehouse knows them: records, links with their reasons, history."""
    with clear_errors():
        paths = Paths.from_env()
        with open_warehouse(paths).reading() as reader:
            people = evidence.find(reader, identity_key(paths), identifier, kind)
        for person in people:
            show(person)


def show(person: Person) -> None:
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
    out.print(tree, highlight=False)
    if person.history:
        out.print(_history(person), highlight=False)
    for record, decision, why in person.proposals:
        out.print(f"linkage, {decision}: {escape(record)}\n  {escape(why)}", soft_wrap=True)


def _told(link: Link) -> str:
    if link.blocked_reason:
        return f"[yellow]✗ {escape(link.name)}: {escape(link.blocked_reason)}[/yellow]"
    ties = f"ties {link.others} more" if link.others else "here only"
    return f"[green]✓[/green] {escape(link.name)}: {ties}"


def _history(person: Person) -> Table:
    """One line per event: stints that began alike at one time are counted together."""
    table = Table(box=SIMPLE_HEAD, title="History", title_justify="left")
    for name in ("since (UTC)", "event", "records", "reason"):
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
        what = f"{what}, from {other[:SHOWN]}"
    elif other == customer_id and stint.customer_id != customer_id:
        what = f"{what} off, to {stint.customer_id[:SHOWN]}"
    if stint.closed_by and stint.customer_id == customer_id:
        what = f"{what}; {stint.closed_by} since {stint.valid_to:%Y-%m-%d}"
    return stint.valid_from, what, stint.cause_rule or ""
