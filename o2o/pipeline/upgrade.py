"""Which product built a warehouse, and what a newer one has to build anew in it.

Staging keeps what it read. The model ``int_records__built_by`` notes, once all of staging is built,
the version of the product and a digest of how it reads (``o2o.pipeline.project.shape``). A build by
a product that reads otherwise builds everything from the landing zone again.
"""

# The name in a query is this module's own.
# ruff: noqa: S608
from __future__ import annotations

from dataclasses import dataclass

from packaging.version import Version

from o2o.errors import O2OError
from o2o.pipeline import project
from warehouse.engines.warehouse import NoWarehouse, Warehouse

_NOTE = "int_records__built_by"


class NewerWarehouse(O2OError):
    """A newer product built the warehouse; this one would take it back."""


@dataclass(frozen=True)
class BuiltBy:
    """What the warehouse says of the product that built it; empty if it does not say."""

    version: str = ""
    shape: str = ""


def built_by(warehouse: Warehouse) -> BuiltBy | None:
    """Who built it; None if nobody has built all of it.

    Raises WarehouseError if it is being written.
    """
    try:
        with warehouse.reading() as reader:
            if not reader.tables("staging"):
                return None
            if _NOTE not in reader.tables("intermediate"):
                # Marts are built last. Without them, only parts of it were ever built, by --select.
                return BuiltBy() if reader.tables("marts") else None
            rows = reader.query(f"select product_version, shape from intermediate.{_NOTE}")
            return BuiltBy(*rows.to_pylist()[0].values())
    except NoWarehouse:
        return None


def why_anew(found: BuiltBy | None) -> str:
    """Why all must be built anew, in a sentence; empty if it need not be.

    Raises NewerWarehouse.
    """
    if found is None or found == BuiltBy(project.version(), project.shape()):
        return ""
    if not found.version:
        return (
            "the warehouse does not say which version built it, so it is an older one: everything"
            f" is built anew from the landing zone by version {project.version()}"
        )
    if Version(found.version) > Version(project.version()):
        raise NewerWarehouse(
            f"the warehouse was built by version {found.version}, and this is version"
            f" {project.version()}: install {found.version} or newer. To go back on purpose, move"
            " the warehouse away and run o2o build: it makes it anew from the landing zone."
        )
    if found.shape == project.shape():
        return ""
    return (
        f"version {project.version()} reads what landed otherwise than version {found.version},"
        " which built the warehouse: everything is built anew from the landing zone"
    )
