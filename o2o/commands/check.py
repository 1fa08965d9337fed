"""``o2o check``: whether connections will bring what they should."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer
from rich.markup import escape

from connectors.check import check
from connectors.connections import Connected, credentials_of
from connectors.core.kept import Kept
from connectors.core.settings import from_env
from o2o import company
from o2o.commands.terminal import clear_errors, err, out
from o2o.pipeline.paths import Paths
from o2o.shown import shown
from warehouse.landing.errors import SettingError
from warehouse.landing.zone import Landing

_SIGNS = {
    "ok": "[green]✓[/green]",
    "note": "[dim]·[/dim]",
    "warning": "[yellow]![/yellow]",
    "error": "[red]✗[/red]",
}


def command(
    connection: Annotated[
        list[str], typer.Argument(help="Connections to check; `o2o sources` lists them.")
    ],
) -> None:
    """Sign in at one or more connections and tell, in seconds, what will be missing.

    Exit code 1 if something will be missing, 2 for a wrong setting; warnings do not count.
    """
    with clear_errors():
        ours = company.load()
        asked = [ours.connection(name) for name in connection]
        for found in asked:
            if found.via:
                raise SettingError(f"{found.name} is read via {found.via}: check its tables there")
    worst = 0
    for found in asked:
        try:
            with clear_errors(), err.status(f"asking {found.name}"):
                worst = max(worst, _check(found))
        except typer.Exit as stop:  # said already; the other connections are still checked
            worst = max(worst, stop.exit_code)
    if worst:
        raise typer.Exit(worst)


def _check(connected: Connected) -> int:
    worst = 0
    kept = Kept(Landing(Paths.from_env().landing_url), connected.name)
    connection = replace(connected.configured(credentials_of(connected, from_env)), kept=kept)
    for finding in check(connected, connection):
        worst = max(worst, int(finding.level == "error"))
        said = escape(shown(f"{connected.name} {finding.about}: {finding.text}"))
        out.print(f"{_SIGNS[finding.level]} {said}", highlight=False, soft_wrap=True)
    return worst
