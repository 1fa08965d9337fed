"""The owners' page: the verdicts in plain words, one self-contained HTML file.

It is made from the verdicts on disk and the company's list of owners, so it can be written again at
any time, by whoever changed something: the audit, or the publication.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined

from connectors.connections import connected, vendor
from connectors.registry import SOURCES
from expectations import context, runner
from expectations.runner import AuditResult, CheckResult
from o2o.company import Contact
from o2o.company.currencies import exponents
from o2o.report import experiments, identity, records
from warehouse.engines.warehouse import Reader
from warehouse.files import write_atomically

OVERVIEW = "overview.html"  # of the figures, beside this page
_RANK = {"fail": 0, "warn": 1}


@dataclass(frozen=True)
class Headline:
    """The first thing an owner reads. ``tone`` picks colour and sign."""

    tone: Literal["good", "warn", "bad", "idle"]
    title: str
    text: str


def write(
    reports: Path,
    manifest: Path,
    contacts: Mapping[str, Contact] | None = None,
    ahead: Sequence[str] = (),
) -> Path:
    """Write ``index.html`` in ``reports`` from the verdicts there and the publication's manifest.

    Verdicts or manifest may be missing: the page then says what has not happened yet.
    ``contacts``: who answers for a role. ``ahead``: what will be at fault if nobody acts.
    """
    landing, marts = runner.load(reports, "landing"), runner.load(reports, "marts")
    published = json.loads(manifest.read_text(encoding="utf-8")) if manifest.exists() else None
    checks = [check for audit in (landing, marts) if audit for check in audit.checks]
    facts = marts.facts if marts else {}
    page = (
        _environment()
        .get_template("report.html.j2")
        .render(
            headline=headline(landing, marts, published),
            published=published,
            ahead=ahead,
            audits=[audit for audit in (landing, marts) if audit],
            counts={
                "passed": sum(c.status == "passed" for c in checks),
                "warned": sum(c.status != "passed" and c.severity == "warn" for c in checks),
                "failed": sum(c.status != "passed" and c.severity == "fail" for c in checks),
            },
            owners=_by_owner(checks, contacts or {}),
            sources=_by_source(landing.landed if landing else []),
            faults=facts.get("faults", []),
            identity=facts.get("identity", {}),
            experiments=facts.get("experiments", {}),
            picture=experiments.picture(facts.get("experiments", {})),
            data_docs=context.data_docs(reports / "gx").relative_to(reports).as_posix(),
            shown=runner.SHOWN_CULPRITS,
            overview=OVERVIEW if (reports / OVERVIEW).exists() else "",
        )
    )
    write_atomically(reports / "index.html", page)
    return reports / "index.html"


def page_facts(reader: Reader) -> dict[str, Any]:
    """What the page tells of the marts beside the verdicts."""
    return {
        "identity": identity.facts(reader),
        "experiments": experiments.facts(reader),
        "faults": records.facts(reader),
    }


def headline(
    landing: AuditResult | None, marts: AuditResult | None, published: dict[str, Any] | None
) -> Headline:
    """What became of the latest data: published, published with warnings, held back, or waiting."""
    kept = (
        f"The last good publication, of {moment(published['published_at'])}, stays in place."
        if published
        else "Nothing has been published yet."
    )
    failed = [check for audit in (landing, marts) if audit for check in audit.failed]
    warned = [check for audit in (landing, marts) if audit for check in audit.warned]
    if failed:
        faults = "One fault" if len(failed) == 1 else f"{len(failed)} faults"
        return Headline("bad", "Held back", f"{faults} must be put right first. {kept}")
    if marts is None:
        return Headline("idle", "Not audited yet", f"The marts have not been checked. {kept}")
    if published is None or published["audit_id"] != marts.audit_id:
        return Headline("idle", "Passed, not published yet", f"Nothing holds it back. {kept}")
    when = f"Everybody reads the figures of {moment(published['published_at'])}."
    if warned:
        warnings = "One warning" if len(warned) == 1 else f"{len(warned)} warnings"
        return Headline("warn", "Published with warnings", f"{when} {warnings} to look at below.")
    return Headline("good", "Published", f"{when} Every check passed.")


def amount(value: Decimal | None, unit: str) -> str:
    """An amount for people: minor units become '1,234.50 EUR', counts become '1,234 orders'."""
    if value is None:
        return "unknown"
    if unit == "micros":
        return signed(f"{value / 1_000_000:,.2f}")
    if len(unit) == 3 and unit.isupper():
        exponent = exponents().get(unit, 2)
        return signed(f"{value.scaleb(-exponent):,.{exponent}f} {unit}")
    return signed(f"{value:,f} {unit}")


def moment(text: str | None) -> str:
    """An ISO time as '1 June 2026, 04:30 UTC'; a dash for none."""
    if not text:
        return "–"
    at = datetime.fromisoformat(text)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def signed(text: str) -> str:
    """With a minus sign as print has it."""
    return text.replace("-", "−", 1) if text.startswith("-") else text


def percent(value: float | None) -> str:
    """A part with its sign; an interval may have no end."""
    return "no end" if value is None else signed(f"{value:+.1%}")


def sentence(text: str) -> str:
    """First letter upper case, the others as they are: 'CRM' stays 'CRM'."""
    return text[:1].upper() + text[1:]


def role(owner: str) -> str:
    """'store-operations' as 'Store operations'."""
    return sentence(owner.replace("-", " ").replace("crm", "CRM"))


def source_name(connection: str) -> str:
    """'acme__de' as 'Acme (de)'."""
    return connected(connection).title if vendor(connection) in SOURCES else connection


def units_off(check: CheckResult) -> set[str]:
    """Units in which a check found something off; the others need no bars."""
    return {culprit.unit for culprit in check.culprits}


def share(value: Decimal | None, other: Decimal | None) -> float:
    """Length of a bar, 0 to 100, beside the bar of the other total."""
    largest = max(abs(value or Decimal(0)), abs(other or Decimal(0)))
    return float(abs(value or Decimal(0)) / largest * 100) if largest else 0.0


def _by_owner(
    checks: Sequence[CheckResult], contacts: Mapping[str, Contact]
) -> list[dict[str, Any]]:
    """Owners with their checks; whoever has the gravest fault comes first."""

    def gravity(check: CheckResult) -> int:
        return 2 if check.status == "passed" else _RANK[check.severity]

    owners = []
    for owner, group in groupby(sorted(checks, key=lambda c: c.owner), key=lambda c: c.owner):
        mine = sorted(group, key=gravity)
        owners.append(
            {
                "owner": owner,
                "contact": contacts.get(owner),
                "gravity": gravity(mine[0]),
                "off": [c for c in mine if c.status != "passed"],
                "passed": [c for c in mine if c.status == "passed"],
            }
        )
    return sorted(owners, key=lambda o: (o["gravity"], o["owner"]))


def _by_source(landed: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    sources = []
    for title, group in groupby(landed, key=lambda stream: stream["title"]):
        streams = list(group)
        sources.append(
            {
                "name": title,
                "streams": streams,
                "rows": sum(s["rows"] for s in streams),
                "quarantined": sum(s["quarantined"] for s in streams),
                "newest": max((s["newest"] for s in streams if s["newest"]), default=None),
            }
        )
    return sources


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("o2o.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = (
        amount, identity.words, moment, percent, role, sentence, share, source_name, units_off,
    )  # fmt: skip
    environment.filters.update({function.__name__: function for function in filters})
    environment.filters["tested"] = experiments.name
    return environment
