"""``o2o landing``: the folders of the landing zone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape

from connectors.connections import connected, vendor
from connectors.core.errors import UnknownName
from connectors.registry import id_kinds
from o2o.commands.terminal import clear_errors, done, out, warn
from o2o.company import Company
from o2o.people.erasure.work import pending
from o2o.pipeline.paths import Paths
from o2o.pipeline.upkeep import merge_loads
from o2o.steps import stages
from warehouse.landing.errors import SettingError, StorageError
from warehouse.landing.personal import FACT, id_kind
from warehouse.landing.renaming import rename
from warehouse.landing.zone import Landing

app = typer.Typer(help="Look after the folders of the landing zone.", no_args_is_help=True)


@app.command("rename")
def rename_command(
    old: Annotated[str, typer.Argument(help="The name that the connection had.")],
    new: Annotated[str, typer.Argument(help="The name that it has from now on.")],
) -> None:
    """Move what has landed for a connection to its new name, with its state."""
    with clear_errors():
        if vendor(old) != connected(new).vendor or old == new:
            raise UnknownName(
                f"{old!r} cannot become {new!r}: another connection to {vendor(old)} is wanted"
            )
        paths = Paths.from_env()
        if plan := pending(paths):
            raise SettingError(
                f"the erasure {plan.id} has not ended; run o2o erase, which completes it, first"
            )
        landing = Landing(paths.landing_url)
        kinds = {id_kind(old, kind): id_kind(new, kind) for kind in id_kinds(vendor(old))}
        facts = {FACT + kind: FACT + now for kind, now in kinds.items()}
        with landing.private():
            moved = rename(landing, old, new, kinds | facts)
    for stream, loads in moved.items():
        out.print(f"  {new}/{stream}: {loads:,} loads", highlight=False, soft_wrap=True)
    done(f"{landing.url}/{old} is {landing.url}/{new} now")
    out.print(
        f"Call the connection {new} in company.yml and its credentials o2o_{new},"
        " then run o2o build --full-refresh.",
        highlight=False,
        soft_wrap=True,
    )


@app.command("merge")
def merge_command() -> None:
    """Merge the small files of old loads into few, as the DAG `maintenance` does each day."""
    with clear_errors():
        merged = merge_loads(Paths.from_env(), datetime.now(UTC))
    for stream, names in merged.refused.items():
        warn(escape(f"{stream}: files that are no loads: {', '.join(names)}"))
    done(f"{merged.before:,} files are {merged.after:,} now")


@app.command("forget")
def forget_command(
    stream: Annotated[str, typer.Argument(help="Connection and stream: acme/orders.")],
    load: Annotated[str, typer.Argument(help="The load that is gone, as the report names it.")],
) -> None:
    """Accept that a load is gone, once its window has been extracted again."""
    with clear_errors():
        connection, _, name = stream.partition("/")
        place = Landing(Paths.from_env().landing_url).stream(connection, name)
        with place.lock():
            place.forget(load)
    done(f"{stream}: load {load} is not missed any more")


def tell_unowned(ours: Company) -> None:
    """Warn of folders with loads that no connection in use owns: nobody reads them."""
    try:
        landing = Landing(Paths.from_env().landing_url)
        for name in landing.connections():
            is_owned = name in ours.landing or name == stages.SOURCE
            if not is_owned and any(place.load_ids() for place in landing.streams(name)):
                via = ours.connections[name].via if name in ours.connections else ""
                why = f"{name} is read via {via}" if via else f"no connection is called {name}"
                warn(escape(f"landing/{name} holds loads but {why}"))
    except StorageError as error:
        warn(escape(str(error)))
