"""The other loaders and the contracts whose tables can be read: those of the dbt project."""

from __future__ import annotations

from o2o.company.currencies import PROJECT


def _found() -> dict[str, list[str]]:
    files = (PROJECT / "macros" / "via").glob("*/[!_]*.sql")
    found: dict[str, list[str]] = {}
    for loader, vendor in sorted((file.stem, file.parent.name) for file in files):
        found.setdefault(loader, []).append(vendor)
    return found


LOADERS = _found()  # the vendors whose tables each of them keeps: macros/via/<vendor>/<loader>.sql
# The contracts that a company's own tables can be.
CONTRACTS = sorted(file.stem for file in (PROJECT / "models" / "conformed").glob("*.sql"))
