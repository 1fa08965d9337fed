"""The connections a company has: a source each, under a name of its own.

A name is the source's (``acme``), or the source's and a label (``acme__de``), so that one vendor
can be read for several accounts. It names all that is the connection's: its credentials, its DAG,
its folder of the landing zone and with it its state.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import get_args

from connectors import registry
from connectors.core.errors import UnknownName
from connectors.core.settings import Connection
from connectors.core.source import (
    SKIP_STREAMS,
    START_DATE,
    VENDOR_END,
    Api,
    Provided,
    Source,
)
from connectors.files.description import Description
from connectors.files.folder import Folder, streams
from warehouse.landing.errors import SettingError

LABEL = re.compile(r"[a-z0-9_]+")
TABLE = "table"  # `via` of tables that have the columns of a contract
FILES = "files"  # `via` of files that a description tells the contracts of
FILES_SCHEDULE = "15 * * * *"
CHANNELS = ("web", "till")  # that orders are sold by
FORM = f"a source, or a source, {VENDOR_END} and a label of a-z, 0-9 and _"


@dataclass(frozen=True)
class Connected(Source):
    """A source as one connection reads it. ``extra``: what wins over the credentials' extra.

    ``via``: the other loader that keeps it, in the tables that ``tables`` tells the names of; then
    nothing of it is fetched or landed here. ``contracts``: those that the tables themselves are
    (``via`` is TABLE), or that its files land as (``folder`` says where these are), with no staging
    between.
    """

    extra: Mapping[str, str] = field(default_factory=dict)
    via: str = ""
    tables: str = ""
    contracts: tuple[str, ...] = ()
    folder: str = ""

    def configured(self, connection: Connection) -> Connection:
        """The credentials with what the company says of the connection."""
        return replace(connection, extra={**connection.extra, **self.extra})


def vendor(name: str) -> str:
    """The source's part of a connection's name. Raises UnknownName if it is of another form."""
    source, end, label = name.partition(VENDOR_END)
    if end and not LABEL.fullmatch(label):
        raise UnknownName(f"no connection can be called {name!r}; allowed: {FORM}")
    return source


def connected(
    name: str,
    source: Source | None = None,
    *,
    title: str | None = None,
    owner: str | None = None,
    schedule: str | None = None,
    start_date: date | None = None,
    skip_streams: Sequence[str] = (),
    via: str | None = None,
    tables: str | None = None,
) -> Connected:
    """The connection of this name; what is not said is as in ``source``, by default the registered.

    It needs no credentials if another loader keeps it. Nobody misses a stream that is skipped.
    Raises UnknownName for a name of no source.
    """
    source = source or registry.find(vendor(name))
    label = name.partition(VENDOR_END)[2]
    extra = {
        START_DATE: start_date.isoformat() if start_date else "",
        SKIP_STREAMS: ",".join(skip_streams),
    }
    return Connected(
        name=name,
        title=title or (f"{source.title} ({label})" if label else source.title),
        owner=owner or source.owner,
        schedule=schedule or source.schedule,
        provides=source.provides,
        settings=() if via else source.settings,
        streams=tuple(
            replace(stream, is_expected=False, feed=None) if stream.name in skip_streams else stream
            for stream in source.streams
        ),
        connect=source.connect,
        quotes=source.quotes,
        rights=() if via else source.rights,
        granted=source.granted,
        versions=() if via else source.versions,
        extra={key.removeprefix("extra."): said for key, said in extra.items() if said},
        via=via or "",
        tables=tables or "",
    )


def tabled(
    name: str, tables: str, contracts: Collection[str], title: str = "", owner: str = ""
) -> Connected:
    """The connection to tables that are contracts already, of a source that need not be ours."""
    return Connected(
        name=name,
        title=title or name,
        owner=owner or "data-platform",
        schedule="",
        provides=_provided(contracts),
        settings=(),
        streams=(),
        connect=_is_not_fetched,
        via=TABLE,
        tables=tables,
        contracts=tuple(contracts),
    )


def filed(
    name: str,
    folder: str,
    description: Description,
    title: str = "",
    owner: str = "",
    schedule: str = "",
) -> Connected:
    """The connection to a folder, or an address in an object store, of files that are described."""
    contracts = tuple(description.rows)
    first = next(iter(description.rows.values())).contract
    return Connected(
        name=name,
        title=title or name,
        owner=owner or first.owner,
        schedule=schedule or FILES_SCHEDULE,
        provides=_provided(contracts, _sold_by(description)),
        settings=(),
        streams=streams(description),
        connect=partial(Folder, url=folder, description=description),
        contracts=contracts,
        folder=folder,
    )


def _provided(
    contracts: Collection[str], channels: Collection[str] = CHANNELS
) -> tuple[Provided, ...]:
    orders = {f"{channel}_orders" for channel in channels if "orders" in contracts}
    return tuple(p for p in get_args(Provided) if p in contracts or p in orders)


def _sold_by(description: Description) -> Collection[str]:
    """The channels that the orders of files can be of, as far as the description tells."""
    orders = description.rows.get("orders")
    cell = orders.cells.get("sales_channel") if orders else None
    if cell and cell.always:
        return (cell.always,)
    if cell and cell.values is not None:
        said = {*cell.values.values(), cell.otherwise}
        return [channel for channel in CHANNELS if channel in said]
    return CHANNELS


def credentials_of(source: Source, read: Callable[[str], Connection]) -> Connection:
    """What ``read`` finds of a connection's credentials; a source without settings has none."""
    return read(source.name) if source.settings else Connection()


def _is_not_fetched(connection: Connection) -> Api:
    raise SettingError("tables that are contracts already are read where they are, never fetched")


def default() -> dict[str, Connected]:
    """One connection for each source, which has the source's name."""
    return {name: connected(name) for name in registry.SOURCES}
