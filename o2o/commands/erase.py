"""``o2o erase``."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from o2o.commands.terminal import clear_errors, done, err, out
from o2o.people.erasure import work
from o2o.people.erasure.plan import Plan
from o2o.pipeline.paths import Paths
from warehouse.landing.errors import SettingError


def command(
    person: Annotated[str | None, typer.Option(help="The customer_id of the marts.")] = None,
    identifier: Annotated[
        str | None, typer.Option(help="An e-mail address, phone number, card or id of the person.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--type", help="What the identifier is: email, phone, …")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Only show what is there.")] = False,
    yes: Annotated[bool, typer.Option(help="Do not ask.")] = False,
    requested_by: Annotated[str, typer.Option(help="For the proof; no personal data.")] = "",
    lift: Annotated[
        str | None, typer.Option(help="End an erasure (its proof's id): the person may come back.")
    ] = None,
) -> None:
    """Erase a person from everything, for good, and leave a proof."""
    with clear_errors():
        paths = Paths.from_env()
        if lift:
            work.lift(paths, lift, requested_by)
            done(f"erasure {lift} is lifted: the next loads may bring them back")
            return
        if begun := work.pending(paths):
            out.print(f"The erasure of {begun.begun_at} was not completed: going on with it.")
            if not dry_run:
                _complete(paths, begun)
            if not (person or identifier):
                return
        if bool(person) == bool(identifier):
            raise SettingError("say who: either --person or --identifier")
        with err.status("looking for what is theirs"):
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
    table = Table("what", "theirs", "also others'")
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
        f"erased, and searched for in {proof['verification']['files']} files and"
        f" {proof['verification']['databases']} databases: nothing is left"
        f" ({proof['seconds']} s).\n"
        f"proof: {paths.landing_url}/{work.PROOFS}/{proof['id']}.json"
    )
