"""``o2o alerts``: what is wrong now, and whether those who answer for it can be told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from connectors.core.errors import UnknownName, near
from connectors.core.settings import from_env
from expectations.owners import Owner
from o2o import company
from o2o.alerts import Addresses, Incident
from o2o.alerts.channels import NotSent
from o2o.alerts.messages import SHOWN_PLACES, trial
from o2o.commands.terminal import clear_errors, done, out, warn
from o2o.pipeline import alerting
from o2o.pipeline.paths import Paths
from o2o.report import page
from warehouse.landing.errors import SettingError

app = typer.Typer(help="Show what is wrong now, try the ways to its owners.", no_args_is_help=True)


@app.command("list")
def list_command() -> None:
    """List the incidents that are not over, and what of them could not be told."""
    with clear_errors():
        tell(alerting.incidents(Paths.from_env()).all())


@app.command("test")
def test_command(
    role: Annotated[str, typer.Argument(help="The role whose addresses are tried.")],
) -> None:
    """Send a test message to whoever answers for a role; exit code 1 if one does not leave."""
    with clear_errors():
        if role not in set(Owner):
            raise UnknownName(
                f"there is no role {role!r}{near(role, Owner)}; allowed: {', '.join(Owner)}"
            )
        addresses = Addresses(company.load().owners, from_env)
        ways = addresses.of(role)
        if not ways:
            raise SettingError(
                f"nobody is told for {role}: set owners.{role}.email or .webhook in company.yml"
            )
        message = trial(role, addresses.contact(role), datetime.now(UTC))
    failed = False
    for channel, to in ways.items():
        try:
            addresses.send(channel, to, message)
            done(f"{channel}: sent to {to}")
        except NotSent as error:
            failed = True
            warn(escape(f"{channel}: {error}"))
    if failed:
        raise typer.Exit(1)


def tell(incidents: list[Incident]) -> None:
    """Print incidents, those of one check or task together: where, since when, who was told how."""
    table = Table("incident", "where", "since", "owner", "told by", box=SIMPLE_HEAD)
    together: dict[tuple[str, str, bool, str], list[Incident]] = {}
    for each in incidents:
        told = each.told_end if each.ended else each.told
        by = ", ".join(told) or "[yellow]nobody yet[/yellow]"
        name = escape(each.problem.title) + (" [dim](over)[/dim]" if each.ended else "")
        together.setdefault((name, each.problem.owner, bool(each.ended), by), []).append(each)
    for (name, owner, _, by), group in together.items():
        places = [escape(each.problem.place) for each in group]
        rest = f" and {len(places) - SHOWN_PLACES} more" if len(places) > SHOWN_PLACES else ""
        since = page.moment(min(each.since for each in group))
        table.add_row(name, ", ".join(places[:SHOWN_PLACES]) + rest, since, owner, by)
    if incidents:
        out.print(table)
    else:
        done("no incident")
    for trouble in sorted({each.trouble for each in incidents if each.trouble}):
        warn(escape(f"alerts wait, because {trouble}"))
