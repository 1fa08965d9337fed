"""What every command shares: the two consoles, how an error is said, and exit codes.

Exit code 0: done. 1: it was tried and failed. 2: what was asked for is not possible (an unknown
name, a missing setting, a file or a time that cannot be read).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from analytics.errors import InputError
from connectors.core import times
from expectations.runner import AuditError
from o2o.errors import O2OError
from o2o.shown import ShownFormatter, shown, visible
from warehouse.engines.warehouse import WarehouseError
from warehouse.landing.errors import SettingError, SourceError


class SafeConsole(Console):
    """A console that shows what a vendor or somebody's data says, and never obeys it."""

    def render_str(self, text: str, **how: Any) -> Text:
        return super().render_str(visible(text), **how)


out = SafeConsole()
err = SafeConsole(stderr=True)
# What is logged where nobody has set up a log: warnings, on the terminal.
if logging.lastResort:
    logging.lastResort.setFormatter(ShownFormatter())

IMPOSSIBLE = (InputError, SettingError)
FAILED = (AuditError, O2OError, OSError, SourceError, WarehouseError)


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turn an expected error into one red message and an exit code, without a traceback."""
    try:
        yield
    except (*IMPOSSIBLE, *FAILED) as error:
        said = escape(shown(str(error)))
        err.print(f"[bold red]error[/bold red] [red]{said}[/red]", soft_wrap=True)
        raise typer.Exit(2 if isinstance(error, IMPOSSIBLE) else 1) from None


def done(text: str) -> None:
    """Say that something ended well."""
    out.print(f"[green]✓[/green] {text}", highlight=False, soft_wrap=True)


def warn(text: str) -> None:
    """Say something that the reader should look at; ``text`` is markup."""
    err.print(f"[yellow]![/yellow] {shown(text)}", highlight=False, soft_wrap=True)


def size(count: float) -> str:
    """Bytes for people: 1.2 GB."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def moment(option: str, text: str) -> datetime:
    """A time given on the command line; UTC unless it says otherwise. Raises BadParameter."""
    try:
        return times.parse(text)
    except ValueError:
        raise typer.BadParameter(
            f"{option}: {text!r} is not a valid time, such as 2026-06-01 or 2026-06-01T12:00:00Z"
        ) from None
