"""``o2o files``: files that a company describes itself (docs/files.md)."""

from __future__ import annotations

from collections import Counter
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from pyarrow import fs as pafs
from rich.markup import escape
from rich.table import Table

from connectors.files import reading
from connectors.files.cells import Record
from connectors.files.description import Description
from connectors.files.reading import FileFault
from connectors.files.records import Reader, Refused
from connectors.files.survey import Surveys
from o2o.commands.terminal import clear_errors, done, err, out, warn
from o2o.shown import shown
from warehouse.landing.errors import SettingError

app = typer.Typer(
    help="Files that your own description tells the meaning of.", no_args_is_help=True
)


@app.command("contracts")
def contracts_command(
    contract: Annotated[str, typer.Argument(help="Only this one, with its columns.")] = "",
) -> None:
    """List what the rows of a file can be, or the columns of one contract."""
    from o2o.company.contracts import contracts  # reads the project

    with clear_errors():
        known = contracts()
        if contract and contract not in known:
            raise SettingError(f"no contract called {contract!r}; there are {', '.join(known)}")
    if not contract:
        table = Table("contract", "what a row is")
        for each in known.values():
            table.add_row(each.name, each.description.split(". ")[0].rstrip("."))
        out.print(table)
        return
    chosen = known[contract]
    table = Table("column", "kind", "needed", "words")
    for column in chosen.columns.values():
        needed = column.name in chosen.key or column.is_required
        default = f"default {column.default}" if column.default else ""
        is_needed = "key" if column.name in chosen.key else "yes" if needed else ""
        table.add_row(column.name, column.kind, is_needed, ", ".join(column.values) or default)
    out.print(table)
    for whole, parts in chosen.sums.items():
        signs = " ".join(f"{'+' if sign > 0 else '-'} {name}" for name, sign in parts.items())
        out.print(f"{whole} is {signs.lstrip('+ ')}; one of the two sides may be left out")


@app.command("check")
def check_command(
    description: Annotated[Path, typer.Argument(help="The description, a YAML file.")],
    file: Annotated[Path, typer.Argument(help="A file that it describes.")],
    rows: Annotated[int, typer.Option(help="So many records are shown of each contract.")] = 3,
) -> None:
    """Try a description on a file: the first records in the words of each contract, and what is
    wrong. Nothing lands. Exit code 1 if a row would be set aside."""
    from o2o.company.files import described  # reads the contracts

    with clear_errors():
        said = described(description)
        if not file.is_file():
            raise SettingError(f"there is no file {file}")
        opened = partial(reading.rows, pafs.LocalFileSystem(), str(file), said, said.read())
        surveys = Surveys()
        readers = [Reader(said, each, opened, surveys) for each in said.rows.values()]
        refused = sum([_tried(reader, file, rows) for reader in readers])
        unread = _not_read(said, file)
    if unread:
        warn(escape(f"columns that nothing reads: {', '.join(unread)}"))
    if refused:
        raise typer.Exit(1)


def _tried(reader: Reader, file: Path, shown_rows: int) -> int:
    """Shows what becomes of a file in one contract; returns how many rows would be set aside."""
    count, first, refused = 0, list[Record](), list[Refused]()
    try:
        for one in reader.read():
            if isinstance(one, Refused):
                refused.append(one)
                continue
            count += 1
            if len(first) < shown_rows:
                first.append(one)
    except FileFault as fault:
        raise SettingError(f"{file}: {fault}") from None
    told = reader.told
    left = [
        f"{number:,} {what}"
        for number, what in (
            (told.others, "rows of other contracts"),
            (told.left_out, "rows left out"),
            (told.repeated, "rows that say again what another says"),
        )
        if number
    ]
    name = reader.rows.contract.name
    done(escape(f"{name}: {count:,} records{''.join(f', {each}' for each in left)}"))
    for record in first:
        out.print(_table(record))
    for reason, lines in _reasons(refused).items():
        told_lines = ", ".join(f"{line:,}" for line in lines[:5])
        more = f" and {len(lines) - 5:,} more" if len(lines) > 5 else ""
        said_of = f"{file.name}, line {told_lines}{more}: {reason}"
        err.print(f"[red]✗[/red] {escape(shown(said_of))}", highlight=False, soft_wrap=True)
    return len(refused)


def _reasons(refused: list[Refused]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for one in refused:
        found.setdefault(one.reason, []).append(one.line)
    common = Counter({reason: len(lines) for reason, lines in found.items()})
    return {reason: found[reason] for reason, _ in common.most_common(20)}


def _table(record: Record) -> Table:
    table = Table(f"line {record.line}", "", show_header=True)
    for name, value in record.values.items():
        table.add_row(name, escape(_plain(value)))
    return table


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{kind} {name}" for kind, name in value.items())
    return str(value)


def _not_read(said: Description, file: Path) -> list[str]:
    if said.header or reading.format_of(file.name, said) != "csv":
        return []
    names = reading.names(pafs.LocalFileSystem(), str(file), said)
    wanted = {" ".join(name.split()).casefold() for name in said.read()}
    return [name for name in islice(names, 40) if " ".join(name.split()).casefold() not in wanted]
