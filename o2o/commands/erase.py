"""``o2o erase``."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from o2o import company
from o2o.commands.terminal import clear_errors, done, err, out, warn
from o2o.people.erasure import work
from o2o.people.erasure.plan import Plan
from o2o.pipeline.paths import Paths
from warehouse.landing.errors import SettingError


def command(
    person: Annotated[
        str | None, typer.Option(help="The person's customer_id in the marts.")
    ] = None,
    identifier: Annotated[
        str | None, typer.Option(help="E-mail address, phone number, card or id of the person.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--type", help="Type of the identifier: email, phone, …")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Show what would be erased, and stop.")] = False,
    yes: Annotated[bool, typer.Option(help="Erase without asking.")] = False,
    requested_by: Annotated[
        str, typer.Option(help="Who requested it, for the proof; without personal data.")
    ] = "",
    revoke: Annotated[
        str | None,
        typer.Option(help="Revoke an erasure, by the id of its proof: the person may come back."),
    ] = None,
) -> None:
    """Erase a person from landing, warehouse and reports for good, and keep a proof."""
    with clear_errors():
        paths = Paths.from_env()
        if revoke:
            work.revoke(paths, revoke, requested_by)
            done(f"erasure {revoke} is revoked: the next loads may bring the person back")
            return
        if begun := work.pending(paths):
            out.print(f"The erasure of {begun.begun_at} was not completed: going on with it.")
            if not dry_run:
                _complete(paths, begun)
            if not (person or identifier):
                return
        if bool(person) == bool(identifier):
            raise SettingError("Give either --person or --identifier.")
        with err.status("searching for the person's records"):
            plan = work.prepare(
                paths, person=person, identifier=identifier, kind=kind, requested_by=requested_by
            )
        _show(plan)
        if dry_run:
            return
        if not yes and not typer.confirm("Erase all of this, everywhere, for good?"):
            raise typer.Abort
        _complete(paths, plan)


def _complete(paths: Paths, plan: Plan) -> None:
    with err.status("erasing") as status:
        proof = work.complete(paths, plan, lambda step: status.update(step))
    _tell(proof, paths)


def _show(plan: Plan) -> None:
    """What was found, as counts: values have no business on a screen."""
    table = Table("what", "the person's alone", "also others'")
    records: dict[str, int] = {}
    for key in plan.records:
        kind = key.partition(":")[0]
        records[kind] = records.get(kind, 0) + 1
    for kind, count in sorted(records.items()):
        table.add_row(f"record {kind}", f"{count:,}", "")
    for kind in sorted(plan.own.keys() & (plan.theirs.keys() | plan.shared.keys())):
        table.add_row(kind, f"{len(plan.theirs.get(kind, ())):,}", f"{plan.shared.get(kind, 0):,}")
    out.print(table)


def _tell(proof: dict[str, Any], paths: Paths) -> None:
    for place, tables in proof["counts"].items():
        for name, found in tables.items():
            if found:
                said = ", ".join(f"{count:,} {what}" for what, count in found.items())
                out.print(f"  {place} {name}: {said}", highlight=False, soft_wrap=True)
    done(
        f"erased; a search through {proof['verification']['files']} files and"
        f" {proof['verification']['databases']} databases found nothing left"
        f" ({proof['seconds']} s).\n"
        f"proof: {paths.landing_url}/{work.PROOFS}/{proof['id']}.json"
    )
    for connection in company.load().connections.values():
        if connection.via:
            warn(
                f"{connection.name} is read via {connection.via}: erase the person in its"
                " tables before the next build, or it brings them back"
            )
        if connection.folder:
            warn(
                f"{connection.name} keeps its files in {connection.folder}: they are as they were."
                " What is read of them again is kept out; take the person out of the files, too"
            )
    if not_searched := proof["verification"]["not_searched"]:
        for name, reason in not_searched.items():
            warn(escape(f"not searched: {paths.home / name}: {reason}"))
        warn(
            f"{len(not_searched)} files could not be searched, and may hold the person: look into"
            " them yourself, remove what is theirs, and note it beside the proof, which names them"
        )
        raise typer.Exit(1)
