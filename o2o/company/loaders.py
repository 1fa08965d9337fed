"""The other loaders whose tables can be read, found where they are read: in the dbt project."""

from __future__ import annotations

from o2o.company.currencies import PROJECT


def _found() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for file in sorted((PROJECT / "macros" / "via").glob("*/*.sql")):
        found.setdefault(file.parent.name, []).append(file.stem)
    return found


LOADERS = _found()  # the vendors whose tables each of them keeps: macros/via/<loader>/<vendor>.sql
