"""What a build of nothing costs, counted and not timed, and what a failed one says and leaves."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.registry import SOURCES
from o2o.pipeline import project
from o2o.pipeline.build import BuildFailed, BuildResult, NodeResult, build, one_writer
from o2o.pipeline.engine import open_warehouse
from o2o.pipeline.identity_key import IdentityKeyError, check, identity_key, keyed_hash
from o2o.pipeline.paths import Paths
from o2o.steps.stages import SOURCE
from warehouse.landing.zone import Landing

pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Built:
    paths: Paths
    result: BuildResult
    told: list[tuple[NodeResult, int]]  # what `on_node` was told
    costs: Counter[str]
    is_let_go: bool  # another connection of this process can attach the file at once

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.paths.warehouse)) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """An empty landing, built for the second time, as every day is but the first."""
    home = tmp_path_factory.mktemp("home")
    paths = Paths(home, str(home / "landing"))
    told: list[tuple[NodeResult, int]] = []
    costs: Counter[str] = Counter()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("O2O_LINKAGE", "O2O_EXPERIMENTS", "O2O_IDENTITY_KEY", "O2O_UMASK"):
            patch.delenv(name, raising=False)
        build(paths)
        _count(patch, costs)
        gc.disable()  # nothing is let go by chance
        result = build(paths, on_node=lambda node, total: told.append((node, total)))
        is_let_go = _can_attach(paths.warehouse)
        gc.enable()
        patch.undo()
        yield Built(paths, result, told, costs, is_let_go)


def _can_attach(file: Path) -> bool:
    with duckdb.connect() as connection:
        try:
            connection.execute(f"attach '{file}' (read_only)")
        except duckdb.BinderException:
            return False
    return True


def _count(patch: pytest.MonkeyPatch, costs: Counter[str]) -> None:
    from dbt.adapters.duckdb.environments.local import DuckDBCursorWrapper
    from dbt.adapters.sql import SQLAdapter
    from dbt.cli.main import dbtRunner
    from dbt.parser.manifest import ManifestLoader

    def counted(owner: type, method: str, name: str) -> None:
        original = getattr(owner, method)

        def call(self: object, *args: Any, **kwargs: Any) -> Any:
            costs[name] += 1
            return original(self, *args, **kwargs)

        patch.setattr(owner, method, call)

    counted(ManifestLoader, "load", "readings of the project")
    counted(dbtRunner, "invoke", "starts of dbt")
    counted(DuckDBCursorWrapper, "execute", "statements")
    # What Python asks of the adapter has the whole project's macros gathered for it.
    counted(SQLAdapter, "execute_macro", "gatherings of macros")


def test_a_build_reads_the_project_once_and_starts_dbt_for_each_part(again: Built) -> None:
    assert again.costs["readings of the project"] == 1
    assert again.costs["starts of dbt"] == 3  # to read it, and one for each part


def test_a_node_costs_few_statements(again: Built) -> None:
    nodes = len(again.result.nodes)
    tables = Counter(schema for (schema,) in again.rows("select schema_name from duckdb_tables()"))
    # Each costs tens of milliseconds, whatever it holds: what a source adds is a decision.
    assert nodes <= 30 * len(SOURCES)
    # Marts are described: the table by one statement, its columns by another.
    assert again.costs["statements"] <= 5 * nodes + 2 * tables["marts"]
    # A table is asked for its columns once, a mart twice; a seed is emptied; each start of dbt
    # looks for schemas and makes them.
    assert again.costs["gatherings of macros"] <= tables.total() + tables["marts"] + tables[
        "seeds"
    ] + 8 * len(tables)


def test_the_file_is_let_go_at_once(again: Built) -> None:
    assert again.is_let_go


def test_each_node_is_told_of_once(again: Built) -> None:
    assert Counter(node.unique_id for node, _ in again.told) == Counter(
        node.unique_id for node in again.result.nodes
    )
    parts = Counter(total for _, total in again.told)
    assert all(total == count for total, count in parts.items())


def test_the_log_is_short_and_beside_what_dbt_leaves(again: Built) -> None:
    lines = again.paths.dbt_log.read_text().splitlines()
    nodes = len(again.result.nodes)
    assert 2 * nodes <= len(lines) <= 2 * nodes + 40
    assert [file.name for file in again.paths.dbt_log.parent.iterdir()] == ["dbt.log"]


def test_nothing_is_left_beside_the_tables(again: Built) -> None:
    assert (
        again.rows("select table_name from duckdb_tables() where table_name like '%__dbt_%'") == []
    )


def test_streams_are_laid_out_for_connections_in_use_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("O2O_SOURCES", "square__a,square__b")
    paths = Paths(tmp_path, str(tmp_path / "landing"))
    with one_writer(paths), pytest.raises(BuildFailed, match="written by another process"):
        build(paths)
    assert Landing(paths.landing_url).connections() == [SOURCE, "square__a", "square__b"]


def test_nothing_that_is_built_or_landed_can_be_read_by_others(again: Built) -> None:
    kept = [again.paths.landing_url, again.paths.warehouse.parent, again.paths.dbt_target.parent]
    found = [file for place in map(Path, kept) for file in (place, *place.rglob("*"))]
    assert len(found) > 300
    assert {file.name for file in found} >= {"dbt.log", "identity.key", "partial_parse.msgpack"}
    assert [str(file) for file in found if file.stat().st_mode & 0o077] == []


def test_the_identity_key_is_in_nothing_that_dbt_leaves(again: Built) -> None:
    key = identity_key(again.paths).encode()
    left = [file for file in again.paths.home.rglob("*") if file.is_file()]
    assert any("compiled" in file.parts and file.suffix == ".sql" for file in left)
    assert [file.name for file in left if key in file.read_bytes()] == ["identity.key"]


def test_another_identity_key_is_refused(again: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    key, place = identity_key(again.paths), "restricted.int_identity__observations"
    fields = "record_key, id_connection, identifier_value, identifier_hash"
    plain = ("", "a@example.com", keyed_hash(key, "a@example.com"))
    # The hash of one whose id another connection gave out: of both, as the macro hash_key has it.
    md5 = again.rows("select md5('shopify|7')")[0][0]
    for row in (plain, ("shopify", "7", keyed_hash(key, md5))):
        again.rows(f"delete from {place}")
        values = ", ".join(f"'{value}'" for value in ("r", *row))
        again.rows(f"insert into {place} ({fields}) values ({values})")
        with open_warehouse(again.paths).reading() as reader:
            check(reader, key)
            with pytest.raises(IdentityKeyError, match="another key"):
                check(reader, "another")
    monkeypatch.setenv("O2O_IDENTITY_KEY", "another")
    with pytest.raises(IdentityKeyError, match="Set O2O_IDENTITY_KEY to the key of before"):
        build(again.paths, select="dim_stores")
    monkeypatch.delenv("O2O_IDENTITY_KEY")
    file = again.paths.warehouse.with_name("identity.key")
    away = file.rename(file.with_name("away"))
    with pytest.raises(IdentityKeyError, match=r"identity\.key is missing"):
        build(again.paths, select="dim_stores")
    assert not file.exists(), "no new one is made"
    away.rename(file)
    again.rows(f"delete from {place}")


def test_marts_refuse_a_null(again: Built) -> None:
    nulls = again.rows(
        """select count(*) from duckdb_constraints()
        where table_name = 'fct_orders' and constraint_type = 'NOT NULL'"""
    )
    assert nulls[0][0] > 10


def test_a_table_takes_the_place_of_a_view(again: Built) -> None:
    again.rows("drop table marts.dim_stores; create view marts.dim_stores as select 1 as one")
    build(again.paths, select="dim_stores")
    assert again.rows("select count(store_id) from marts.dim_stores") == [(0,)]


def test_a_failed_build_names_the_node_and_leaves_its_table(again: Built) -> None:
    again.rows("alter table intermediate.int_stores__matched rename to elsewhere")
    again.rows("insert into marts.dim_stores (store_id) select 'S001'")
    with pytest.raises(BuildFailed, match=r"1 of \d+ dbt nodes failed(.|\n)*model dim_stores: "):
        build(again.paths, select="dim_stores")
    again.rows("alter table intermediate.elsewhere rename to int_stores__matched")
    assert again.rows("select store_id from marts.dim_stores") == [("S001",)]
    assert "error" in again.paths.dbt_log.read_text()
    assert "int_stores__matched" in again.paths.dbt_log.read_text()


def test_a_broken_key_names_its_model_and_leaves_its_table(again: Built) -> None:
    before = again.rows("select store_id from marts.dim_stores")
    again.rows("delete from intermediate.int_stores__matched")
    again.rows(
        """insert into intermediate.int_stores__matched (store_id)
        values ('S002'), ('S002'), ('S003')"""
    )
    reason = r"model dim_stores: (.|\n)*1 key\(s\) of .*dim_stores.* are null or stand in several"
    with pytest.raises(BuildFailed, match=reason):
        build(again.paths, select="dim_stores")
    assert again.rows("select store_id from marts.dim_stores") == before


def test_what_each_layer_took_is_told(again: Built) -> None:
    layers = {layer.name: layer for layer in again.result.layers()}
    assert {"staging", "conformed", "intermediate", "marts"} <= layers.keys()
    assert sum(layer.models for layer in layers.values()) == again.result.count("model")
    assert layers["marts"].models
    assert layers["marts"].longest


def test_what_another_version_built_is_built_anew(again: Built) -> None:
    """As staging was before it noted what it cannot read."""
    with duckdb.connect(str(again.paths.warehouse)) as connection:
        connection.execute("drop table intermediate.int_records__built_by")
        connection.execute("alter table staging.stg_square__refunds drop column _faults")
    with pytest.raises(BuildFailed, match=r"built anew.*run o2o build, without --select, once"):
        build(again.paths, select="stg_square__refunds")
    build(again.paths)
    noted = again.rows("select product_version, shape from intermediate.int_records__built_by")
    assert noted == [(project.version(), project.shape())]


def test_what_cannot_be_gone_on_from_says_what_to_do(again: Built) -> None:
    """As identity was before its records said which connection they are of."""
    with duckdb.connect(str(again.paths.warehouse)) as connection:
        connection.execute("drop table intermediate.int_records__built_by")
        connection.execute("alter table intermediate.int_identity__memberships drop connection")
    with pytest.raises(BuildFailed, match=r"move .*warehouse\.duckdb away and run o2o build"):
        build(again.paths)
