"""The configuration as it holds: variable, then file, then what ships; each with its origin."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors import connections
from connectors.connections import Connected
from connectors.core.errors import UnknownName, near
from expectations.check import Acceptance, Override, Severity
from o2o.company import tables as own
from o2o.company.currencies import exponents
from o2o.company.reading import CompanyError, Document, dotted, read

if TYPE_CHECKING:
    from o2o.company.schema import Schema

FILE = "company.yml"
SHIPPED = "default"
UNANSWERED = "landed_days_answered"  # the check whose accepted days the next load empties


@dataclass(frozen=True)
class Contact:
    """Who answers for a role."""

    name: str = ""
    email: str = ""
    phone: str = ""
    webhook: str = ""  # the connection o2o_<webhook> has the chat's address


@dataclass(frozen=True)
class Alerts:
    """How owners are told. ``reminder``: again after this long; None for never."""

    report_url: str = ""
    reminder: timedelta | None = None


@dataclass(frozen=True)
class Upkeep:
    """How many days Airflow's records of runs, and its logs, are kept."""

    runs_days: int = 90
    logs_days: int = 30


@dataclass(frozen=True)
class Company:
    """What holds. ``origins`` says of each key that was set where: a file and line, or a variable.

    Currency, time zone, attribution model and pattern of store codes are None where those of the
    dbt project hold. ``tables``: the files of the company's own tables, by name.
    """

    file: Path | None = None
    currency: str | None = None
    time_zone: str | None = None
    attribution_model: str | None = None
    code_pattern: str | None = None
    lost_lead_pattern: str | None = None
    connections: Mapping[str, Connected] = field(default_factory=connections.default)
    experiments: str = ""
    tables: Mapping[str, Path] = field(default_factory=dict)
    linkage: bool = False
    owners: Mapping[str, Contact] = field(default_factory=dict)
    alerts: Alerts = Alerts()
    build_schedule: str = "*/30 * * * *"
    upkeep: Upkeep = Upkeep()
    checks: Mapping[str, Override] = field(default_factory=dict)
    accepted: tuple[Acceptance, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)

    def connection(self, name: str) -> Connected:
        """The connection of this name; raises UnknownName, which lists those in use."""
        if name not in self.connections:
            raise UnknownName(
                f"no connection called {name!r}{near(name, self.connections)};"
                f" in use are {', '.join(self.connections)}"
            )
        return self.connections[name]

    def accepts(self, connection: str, stream: str, day: date, part: str = "") -> bool:
        """Whether the owner accepts that a day of a report, or a part of it, has no rows."""
        place = f"{connection}/{stream}" + (f" · {part}" if part else "")
        today = datetime.now(UTC).date()
        return any(
            each.first_day and today <= each.until and each.is_about(UNANSWERED, place, day)
            for each in self.accepted
        )

    def own_rows(self) -> list[own.Row]:
        """What the company's tables say. Raises CompanyError with the faults of the first file
        that has any."""
        used = tuple(self.connections)
        return [row for file in self.tables.values() for row in own.rows(file, used)]

    @property
    def landing(self) -> dict[str, Connected]:
        """The connections that land here: those that no other loader keeps."""
        return {name: each for name, each in self.connections.items() if not each.via}

    def endings(self, today: date | None = None) -> list[str]:
        """What is to be said of connections that read a version which ends soon."""
        day = today or datetime.now(UTC).date()
        return [
            f"{connected.title}: {ending}"
            for connected in self.landing.values()
            for version in connected.versions
            if (ending := version.ending(day))
        ]

    def origin(self, key: str) -> str:
        return self.origins.get(key, SHIPPED)

    def variables(self) -> dict[str, str | int]:
        """The variables of the dbt project that the company sets."""
        variables: dict[str, str | int] = {}
        if self.currency:
            variables["reporting_currency"] = self.currency
            variables["reporting_exponent"] = exponents()[self.currency]
        if self.time_zone:
            variables["reporting_time_zone"] = self.time_zone
        if self.attribution_model:
            variables["attribution_model"] = self.attribution_model
        if self.code_pattern:
            variables["store_code_pattern"] = self.code_pattern
        if self.lost_lead_pattern:
            variables["lost_lead_pattern"] = self.lost_lead_pattern
        return variables


def folder() -> Path | None:
    """The company's folder, if there is one; an empty one counts only if it is named.
    Raises CompanyError if the one named is missing."""
    named = os.environ.get("O2O_COMPANY")
    home = Path(os.environ.get("O2O_HOME") or "var").resolve()
    place = Path(named).resolve() if named else home.parent / "company"
    if place.is_dir():
        # Kubernetes puts hidden entries into a folder of nothing.
        has_any = any(not entry.name.startswith(".") for entry in place.iterdir())
        return place if named or has_any else None
    if named:
        raise CompanyError(f"O2O_COMPANY: there is no folder {named}; name one with a {FILE} in it")
    return None


def load(place: Path | None = None) -> Company:
    """Read it all, by default of the company in use. Raises CompanyError for faults in the file,
    SettingError for a variable's."""
    place = place or folder()
    if place is None:
        return _with_variables(Company())
    if not (place / FILE).is_file():
        raise CompanyError(f"{place}: there is no {FILE} in it; company.example/{FILE} is one")
    # Imported here: pydantic takes its time, and who has no folder need not pay it.
    from o2o.company.schema import checked

    document = read(place / FILE)
    return _with_variables(_from_file(document, checked(document, partial(_rates, place))))


def _rates(place: Path, said: Schema) -> Collection[str]:
    """The currencies with a rate: the company's own, or else those of its feeds."""
    from o2o.company.schema import quoted

    file = place / "exchange_rates.csv"
    if not file.exists():
        return quoted(said)
    return {str(row["currency_code"]) for _, row in own.rows(file, ())}


def _from_file(document: Document, said: Schema) -> Company:
    experiments = _beside(document.file, said.experiments or "")
    tables = own.files(document.file.parent, (Path(experiments),))
    origins = {dotted(key): document.place(key) for key in document.lines if key}
    return Company(
        file=document.file,
        currency=said.reporting.currency,
        time_zone=said.reporting.time_zone,
        attribution_model=said.reporting.attribution_model,
        code_pattern=said.stores.code_pattern,
        lost_lead_pattern=said.leads.lost_pattern,
        connections={
            name: _connected(name, _with_tables(document.file, settings))
            for name, settings in said.named.items()
        }
        or connections.default(),
        experiments=experiments,
        tables=tables,
        linkage=said.linkage or False,
        owners={
            role: Contact(
                contact.name or "", contact.email or "", contact.phone or "", contact.webhook or ""
            )
            for role, contact in said.owners.items()
        },
        alerts=Alerts(
            said.alerts.report_url or "",
            timedelta(days=said.alerts.reminder_days) if said.alerts.reminder_days else None,
        ),
        upkeep=Upkeep(
            said.upkeep.runs_days or Upkeep.runs_days, said.upkeep.logs_days or Upkeep.logs_days
        ),
        build_schedule=said.build.schedule or Company.build_schedule,
        checks={
            name: Override(
                severity=Severity(change.severity) if change.severity else None,
                limits=change.limits,
            )
            for name, change in said.checks.items()
        },
        accepted=tuple(Acceptance(**dict(gap)) for gap in said.accepted_gaps),
        origins=origins | {f"tables.{name}": str(file) for name, file in tables.items()},
    )


def _connected(name: str, settings: dict[str, Any]) -> Connected:
    if settings.get("via") == connections.TABLE:
        return connections.tabled(
            name,
            settings["tables"],
            settings["contracts"],
            settings.get("title") or "",
            settings.get("owner") or "",
        )
    if settings.get("via") == connections.FILES:
        from o2o.company.files import described  # reads the contracts

        return connections.filed(
            name,
            settings["folder"],
            described(Path(settings["description"])),
            settings.get("title") or "",
            settings.get("owner") or "",
            settings.get("schedule") or "",
        )
    ours = ("contracts", "folder", "description")
    return connections.connected(
        name, **{key: value for key, value in settings.items() if key not in ours}
    )


def _beside(file: Path, plan: str) -> str:
    """A file of the company's lies in its folder, an address anywhere."""
    return plan if not plan or "://" in plan else str(file.parent / plan)


def _with_tables(file: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """The settings of a connection; files are looked for from the company's folder on."""
    places = {name: settings.get(name) or "" for name in ("tables", "folder", "description")}
    places["tables"] *= "/" in places["tables"]
    return settings | {name: _beside(file, place) for name, place in places.items() if place}


def _with_variables(company: Company) -> Company:
    origins = dict(company.origins)
    if named := [n.strip() for n in os.environ.get("O2O_SOURCES", "").split(",") if n.strip()]:
        used = {
            name: company.connections.get(name) or connections.connected(name) for name in named
        }
        company = replace(company, connections=used)
        origins["connections"] = "O2O_SOURCES"
    if plan := os.environ.get("O2O_EXPERIMENTS"):
        company = replace(company, experiments=plan)
        origins["experiments"] = "O2O_EXPERIMENTS"
    if linkage := os.environ.get("O2O_LINKAGE"):
        if linkage not in ("on", "off"):
            raise CompanyError(f"O2O_LINKAGE is {linkage!r}; allowed: on, off")
        company = replace(company, linkage=linkage == "on")
        origins["linkage"] = "O2O_LINKAGE"
    return replace(company, origins=origins)
