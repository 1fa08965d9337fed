"""What lands at companies other than the demo's: the landed world, told otherwise."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pyarrow as pa

from tests.end_to_end.installation import Installation
from warehouse.landing.zone import Landing

Telling = Callable[[str], str]


def told_otherwise(installation: Installation, connection: str, telling: Telling) -> None:
    """Replace each payload (and key) that has landed for a connection by what ``telling`` makes
    of it."""

    def told(table: pa.Table) -> pa.Table:
        for name in ("_key", "_payload"):
            at = table.schema.get_field_index(name)
            field = table.schema.field(at)
            values = [None if one is None else telling(one) for one in table[name].to_pylist()]
            table = table.set_column(at, field, pa.array(values, field.type))
        return table

    for place in Landing(str(installation.home / "landing")).streams(connection):
        for load in place.load_ids():
            place.rewrite(load, told)


def second(installation: Installation, connection: str, name: str, telling: Telling) -> None:
    """Land another connection of the same vendor, as ``telling`` has it."""
    landing = installation.home / "landing"
    shutil.copytree(landing / connection, landing / name)
    told_otherwise(installation, name, telling)
