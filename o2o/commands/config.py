"""``o2o config check``, ``o2o config show``: the company's own configuration."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlsplit

import typer
from rich.markup import escape
from rich.table import Table

from o2o import company
from o2o.commands.landing import tell_unowned
from o2o.commands.terminal import clear_errors, done, out
from o2o.company import Company
from o2o.company.effective import SHIPPED

app = typer.Typer(help="Check and show the company's own configuration.", no_args_is_help=True)


@app.command()
def check() -> None:
    """Check the company's configuration as a whole; exit code 2 if it has faults."""
    with clear_errors():
        ours = company.load()
        counts = Counter(str(row["table_name"]) for _, row in ours.own_rows())
        origins = {key: origin for key, _, origin in _settings(ours)}
        variables = sorted({each for each in origins.values() if each.startswith("O2O_")})
    done(f"{ours.file or 'no company folder: what ships holds'}")
    for variable in variables:
        held = ", ".join(key for key, origin in origins.items() if origin == variable)
        out.print(f"{held}: set by {variable}", highlight=False, soft_wrap=True)
    for name, file in ours.tables.items():
        out.print(f"{file}: {counts[name]:,} rows", highlight=False, soft_wrap=True)
    tell_unowned(ours)


@app.command()
def show() -> None:
    """Show the configuration as it holds, and where each value comes from."""
    with clear_errors():
        rows = _settings(company.load())
    table = Table("key")
    table.add_column("value", overflow="fold", max_width=60)
    table.add_column("from", overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    out.print(table)


def _settings(ours: Company) -> list[tuple[str, str, str]]:
    """Key, value and origin of everything that holds."""
    from o2o.company.schema import shipped  # pydantic takes its time

    ships = shipped()
    values = {
        "reporting.currency": ours.currency or ships["reporting_currency"],
        "reporting.time_zone": ours.time_zone or ships["reporting_time_zone"],
        "reporting.attribution_model": ours.attribution_model or ships["attribution_model"],
        "stores.code_pattern": ours.code_pattern or ships["store_code_pattern"],
        "leads.lost_pattern": ours.lost_lead_pattern or ships["lost_lead_pattern"],
        "connections": ", ".join(ours.connections),
        "experiments": _place(ours.experiments) or "none",
        "linkage": "on" if ours.linkage else "off",
        "build.schedule": ours.build_schedule,
        "upkeep.runs_days": ours.upkeep.runs_days,
        "upkeep.logs_days": ours.upkeep.logs_days,
        "alerts.report_url": ours.alerts.report_url or "none",
        "alerts.reminder_days": ours.alerts.reminder.days if ours.alerts.reminder else 0,
    }
    values |= {f"tables.{name}": file.name for name, file in ours.tables.items()}
    for name, connection in ours.connections.items():
        told = {
            "title": connection.title,
            "owner": connection.owner,
            "schedule": connection.schedule,
            "via": connection.via,
            "tables": connection.tables,
            "contracts": ", ".join(connection.contracts),
            "folder": connection.folder,
            **connection.extra,
        }
        keys = ((f"connections.{name}.{key}", value) for key, value in told.items())
        values |= {key: value for key, value in keys if ours.origin(key) != SHIPPED}
    for role, contact in ours.owners.items():
        words = (contact.name, contact.email, contact.phone, contact.webhook)
        values[f"owners.{role}"] = ", ".join(filter(None, words))
    for name, change in ours.checks.items():
        if change.severity:
            values[f"checks.{name}.severity"] = change.severity
        for limit, value in change.limits.items():
            values[f"checks.{name}.limits.{limit}"] = str(value)
    for number, gap in enumerate(ours.accepted, start=1):
        days = f", {gap.first_day} to {gap.last_day or gap.first_day}" if gap.first_day else ""
        what = f"{gap.check}: {gap.place}{days}, until {gap.until}: {gap.reason} ({gap.by})"
        values[f"accepted_gaps.{number}"] = what
    return [(key, str(value), ours.origin(key)) for key, value in values.items()]


def _place(plan: str) -> str:
    """The path of a published sheet, or a query, may be what lets its reader in: not shown."""
    address = urlsplit(plan)
    return f"{address.scheme}://{address.hostname}/…" if address.hostname else plan
