"""One source's part of the warehouse, built from a small world.

What the vendor serves of the world must stand in the contracts as the world has it.

A test asks the fixture ``build`` for a source and compares the two in one query::

    @pytest.fixture(scope="module")
    def square(build: Build) -> Built:
        return build("square")

    def test_sales(square: Built) -> None:
        square.assert_same(
            f"select order_id, total_minor from {square.world('till_orders')}",
            f"select source_order_id, total_minor from {square.contract('orders')}",
        )
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import duckdb
import yaml

from connectors.core.settings import Connection
from connectors.extract import extract
from connectors.registry import SOURCES
from demo import world
from demo.serving import running
from demo.vendors import connections
from demo.vendors.core.faults import View
from identifiers.functions import register_in_duckdb
from o2o.pipeline.project import PROJECT_DIR, mappings
from tests.dbt_project.warehouse import IDENTITY_KEY, Warehouse

PERSONS = 300
START = date(2026, 3, 25)  # the clocks of Europe change on the 29th
NOW = datetime(
    2026, 4, 5, 12, tzinfo=UTC
)  # some of the world's sales and changes are still to come
TYPES = {"string": "VARCHAR", "bigint": "BIGINT", "integer": "INTEGER", "boolean": "BOOLEAN"}

Build = Callable[..., "Built"]


def make_world(folder: Path) -> None:
    world.generate(folder, persons=PERSONS, days=10, seed=11, start=START)


@dataclass(frozen=True)
class Built:
    """Sources as they landed, staged and mapped. Queries see the world's tables by their names and
    what was built as ``warehouse.<schema>.<name>``."""

    warehouse: Warehouse
    world_folder: Path
    sources: tuple[str, ...]

    def world(self, table: str) -> str:
        """A table of the world as the vendors serve it now, to be put into a query."""
        return View(NOW.replace(tzinfo=None)).table(table)

    def contract(self, name: str) -> str:
        """What the sources say in a contract, to be put into a query."""
        parts = [f"from {self.relation(model)}" for model in mappings(self.sources)[name]]
        assert parts, f"{', '.join(self.sources)}: no mapping to {name}"
        return f"({' union all by name '.join(parts)})"

    def relation(self, model: str) -> str:
        """Where a model stands, to be put into a query."""
        found = self.rows(
            f"""select distinct schema_name from duckdb_columns()
            where database_name = 'warehouse' and table_name = '{model}'"""
        )
        assert found, f"{model} was not built"
        return f"warehouse.{found[0][0]}.{model}"

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self._connection.sql(query).fetchall()

    def assert_same(self, left: str, right: str) -> None:
        """Both queries have rows, and the same ones."""
        assert self.rows(f"from ({left}) limit 1"), f"nothing to compare: {left}"
        for one, other in ((left, right), (right, left)):
            only = self.rows(f"from ({one}) except all from ({other}) order by all limit 5")
            assert not only, f"{only} are only in {one}"

    def assert_contracts_hold(self) -> None:
        """Each mapping has the contract's columns in its types; none is null that must not be, and
        the contract's key tells its rows apart. No record was set aside: the world's odd values can
        all be left out."""
        for contract, models in mappings(self.sources).items():
            for model in models:
                _assert_holds(self, contract, model)
        for (table,) in self.rows(
            """select table_name from duckdb_columns() where database_name = 'warehouse'
            and schema_name = 'staging' and column_name = '_faults'"""
        ):
            faulty = self.rows(
                f"select _key, _faults from warehouse.staging.{table} where _faults like 'record|%'"
            )
            assert not faulty, f"{table}: {faulty[:3]}"

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        # A database of its own, because those who open one file in one process share what they
        # attach. The world is the current one: its macros look up their tables there.
        connection = duckdb.connect()
        connection.execute(f"attach '{self.world_folder / world.WORLD_FILE}' as world (read_only)")
        connection.execute(f"attach '{self.warehouse.file}' as warehouse (read_only)")
        connection.execute("use world")
        connection.execute("set time zone 'UTC'")
        connection.execute("set variable o2o_identity_key = ?", [IDENTITY_KEY])
        register_in_duckdb(connection)
        return connection


def build(home: Path, world_folder: Path, sources: Sequence[str]) -> Built:
    """Land the sources from the simulator, and build their staging and mappings, and nothing else.

    dbt is told of all sources, as in other tests: so it need not read the project anew.
    """
    warehouse = Warehouse(home)
    warehouse.land_nothing()
    with running(world_folder, now=NOW) as url:
        for name in sources:
            said = connections(url, NOW)[name]
            extra = {**said["extra"], "start_date": START.isoformat()}
            settings = {key: said[key] for key in ("host", "login", "password")}
            extract(SOURCES[name], Connection(**settings, extra=extra), str(warehouse.landing), NOW)
    folders = [f"path:models/staging/{name}" for name in sources]
    seeds = ["currencies", "survey_fields", "stg_o2o__company_rows"]
    run = ("--exclude-resource-type", "unit_test", "--indirect-selection", "cautious")
    warehouse.build("--select", *seeds, *folders, *run)
    return Built(warehouse, world_folder, tuple(sources))


@cache
def _contracts() -> dict[str, Any]:
    said = yaml.safe_load((PROJECT_DIR / "models/conformed/_conformed.yml").read_text())
    return {model["name"]: model for model in said["models"]}


def _assert_holds(built: Built, contract: str, model: str) -> None:
    said, relation = _contracts()[contract], built.relation(model)
    found = {name: kind for name, kind, *_ in built.rows(f"describe from {relation}")}
    key = said["config"]["meta"].get("primary_key")
    for column in said["columns"]:
        name, kind = column["name"], column["data_type"]
        assert name in found, f"{model} has no {name}"
        wanted = TYPES.get(kind, kind.upper())
        assert found[name] == wanted, f"{model}.{name} is {found[name]}, not {wanted}"
        if {"type": "not_null"} in column.get("constraints", ()) or name in (key or ()):
            assert not built.rows(f"from {relation} where {name} is null limit 1"), (
                f"{model}.{name}"
            )
    if key:
        names = ", ".join(key)
        twice = built.rows(f"select {names} from {relation} group by all having count(*) > 1")
        assert not twice, f"{model}: {twice[:3]}"
