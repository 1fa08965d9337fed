"""The connected_components materialization against a union-find: graphs of every shape, and graphs
that change from run to run."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dbt_common.exceptions import CompilationError

from benchmarks.clustering_macros import Macros, graph_macros
from tests.dbt_project.warehouse import PROJECT, Warehouse, kill_dbt, run_dbt, start_dbt

Edge = tuple[str, str]
Edges = list[Edge]
Components = dict[str, frozenset[str]]  # name: nodes
GRAPH = {"nodes": "graph__nodes", "edges": "graph__edges"}
NOW = "select node_a, node_b from edges_now"


def graphs() -> dict[str, Edges]:
    rng = random.Random(7)
    shuffled = rng.sample(range(3_000), 3_000)
    chain = list(zip(range(2_999), range(1, 3_000), strict=True))
    numbers = {
        "ordered_chain": chain,
        "shuffled_chain": [(shuffled[a], shuffled[b]) for a, b in chain],
        "star": [(1_500, i) for i in range(3_000)],  # with a loop onto itself
        "two_ends": [(0, 1), (1, 0), (0, 1), (8, 9)],
        "sparse": [(rng.randrange(3_000), rng.randrange(3_000)) for _ in range(1_400)],
        "dense": [(rng.randrange(300), rng.randrange(300)) for _ in range(3_000)],
        "records": [(rng.randrange(1_500), 2_000 + rng.randrange(900)) for _ in range(2_000)],
        "empty": [],
    }
    for number in range(6):
        nodes = rng.randrange(2, 40)
        count = rng.randrange(1, 40)
        numbers[f"small_{number}"] = [
            (rng.randrange(nodes), rng.randrange(nodes)) for _ in range(count)
        ]
    # Text keys whose order is not that of the numbers.
    return {name: [(f"n{a}", f"n{b}") for a, b in edges] for name, edges in numbers.items()}


def connected(edges: Iterable[Edge]) -> set[frozenset[str]]:
    """The components by union-find."""
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in edges:
        parent[root(a)] = root(b)
    return set(by_component((node, root(node)) for node in list(parent)).values())


def by_component(rows: Iterable[tuple[str, str]]) -> Components:
    found: dict[str, list[str]] = {}
    for node, component in rows:
        found.setdefault(component, []).append(node)
    components = {component: frozenset(nodes) for component, nodes in found.items()}
    assert sum(map(len, found.values())) == sum(map(len, components.values())), "a node twice"
    return components


def histories(rng: random.Random, count: int, steps: int) -> Iterator[set[Edge]]:
    """``count`` small graphs side by side that no edge joins, step by step: edges come and go, one
    or a dozen at a time; whole graphs vanish and come back."""
    alive: list[set[Edge]] = [set() for _ in range(count)]
    shapes = [(rng.choice((3, 6, 12)), rng.random() < 0.5) for _ in range(count)]
    for _ in range(steps):
        for number, edges in enumerate(alive):
            size, is_bipartite = shapes[number]
            kind = rng.choice(("keep", "grow", "shrink", "both", "both", "clear"))
            if kind in ("shrink", "both"):
                share = rng.choice((0.1, 0.4))
                edges -= {edge for edge in sorted(edges) if rng.random() < share}
            if kind in ("grow", "both"):
                for _ in range(rng.randrange(1, size)):
                    a, b = rng.randrange(size), rng.randrange(size)
                    edges.add((f"{number}/{a}", f"{number}/{'i' if is_bipartite else ''}{b}"))
            if kind == "clear" and rng.random() < 0.3:
                edges.clear()
        yield set().union(*alive)


def standing(macros: Macros) -> Components:
    return by_component(
        macros.connection.execute("select node, component_no::varchar from graph__nodes").fetchall()
    )


def set_edges(macros: Macros, edges: Iterable[Edge]) -> None:
    rows = list(edges)
    table = pa.table(
        {"node_a": pa.array([a for a, _ in rows], pa.string()),
         "node_b": pa.array([b for _, b in rows], pa.string())}
    )  # fmt: skip
    macros.connection.register("pairs", table)
    macros.connection.execute("create or replace table edges_now as from pairs")
    macros.connection.unregister("pairs")


def follow(macros: Macros, seed: int, count: int, steps: int) -> None:
    """Each step of the histories by increments: equal to a union-find as a partition, what did not
    change keeps its name, and in the end all names are those of a rebuild."""
    rng = random.Random(seed)
    before: set[Edge] = set()
    names: dict[frozenset[str], str] = {}
    set_edges(macros, [])
    macros.call("graph_build", graph=GRAPH, query=NOW)
    for step, edges in enumerate(histories(rng, count, steps)):
        set_edges(macros, edges)
        macros.call("graph_update", graph=GRAPH, query=NOW)
        found = standing(macros)
        assert set(found.values()) == connected(edges), (seed, step)
        changed = {node for edge in before ^ edges for node in edge}
        now = {nodes: name for name, nodes in found.items()}
        kept = {nodes for nodes in names.keys() & now.keys() if not nodes & changed}
        assert {nodes: now[nodes] for nodes in kept} == {n: names[n] for n in kept}, (seed, step)
        before, names = edges, now
    increments = standing(macros)
    macros.call("graph_build", graph=GRAPH, query=NOW)
    assert standing(macros) == increments, seed


@pytest.fixture(scope="module")
def macros(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Macros]:
    with graph_macros(tmp_path_factory.mktemp("graph")) as macros:
        yield macros


@pytest.mark.parametrize("seed", range(6))
def test_any_history_equals_a_rebuild(macros: Macros, seed: int) -> None:
    follow(macros, seed, count=40, steps=6)


@pytest.mark.parametrize("seed", range(10))
def test_a_history_alone(macros: Macros, seed: int) -> None:
    """Side by side, some graph always has an edge to add and one to remove."""
    follow(macros, 100 + seed, count=1, steps=5)


@pytest.mark.heavy
@pytest.mark.timeout(7200)
def test_a_thousand_histories(macros: Macros) -> None:
    for seed in range(100):
        follow(macros, 1_000 + seed, count=10, steps=12)


@pytest.mark.parametrize("name", graphs())
def test_shapes_taken_apart_and_put_together(macros: Macros, name: str) -> None:
    """Edges that were given twice, a component of thousands that loses every third edge."""
    edges = graphs()[name]
    steps = [edges, edges[::3], edges[::3] + edges[1::2], edges[:1], edges]
    set_edges(macros, edges)
    macros.call("graph_build", graph=GRAPH, query=NOW)
    for step, now in enumerate(steps):
        set_edges(macros, now)
        macros.call("graph_update", graph=GRAPH, query=NOW)
        assert set(standing(macros).values()) == connected(now), step
    scratch = "select table_name from duckdb_tables() where temporary"
    assert not macros.connection.execute(scratch).fetchall(), "left behind"


def test_an_edge_without_an_end_is_none(macros: Macros) -> None:
    set_edges(macros, [("a", "b")])
    macros.connection.execute("insert into edges_now values ('c', null), (null, 'c'), (null, null)")
    macros.call("graph_build", graph=GRAPH, query=NOW)
    assert set(standing(macros).values()) == {frozenset("ab")}
    macros.connection.execute("insert into edges_now values ('d', null), ('c', 'c')")
    macros.call("graph_update", graph=GRAPH, query=NOW)
    assert set(standing(macros).values()) == {frozenset("ab"), frozenset("c")}


def test_keys_with_the_same_number_stop_the_run(macros: Macros) -> None:
    """No two texts with one hash are known: the standing number of another key is moved instead."""
    set_edges(macros, [("a", "b"), ("c", "d")])
    macros.call("graph_build", graph=GRAPH, query=NOW)
    macros.connection.execute("update graph__nodes set check_no = check_no + 1 where node = 'b'")
    before = standing(macros)
    set_edges(macros, [("a", "b"), ("c", "d"), ("e", "b")])
    with pytest.raises(CompilationError, match="graph_salt"):
        macros.call("graph_update", graph=GRAPH, query=NOW)
    assert standing(macros) == before
    assert macros.connection.execute("select count(*) from graph__edges").fetchall() == [(2,)]


class Models:
    """A dbt project of nothing but graphs, each read from a Parquet file of its edges. On Spark a
    table copies each: without the engine a test can read its files, but no view."""

    def __init__(self, home: Path, engine: str = "duckdb") -> None:
        self.warehouse = Warehouse(home, engine)
        self.project = home / "project"
        (self.project / "models").mkdir(parents=True)
        (self.project / "dbt_project.yml").write_text(
            f"{{name: o2o, profile: o2o, macro-paths: ['{PROJECT / 'macros'}'],"
            " models: {+materialized: connected_components},"
            " flags: {send_anonymous_usage_stats: false}}"
        )

    def write(self, name: str, edges: Iterable[Edge]) -> None:
        schema = pa.schema([("node_a", pa.string()), ("node_b", pa.string())])
        rows = [{"node_a": a, "node_b": b} for a, b in edges]
        file = self.warehouse.home / f"{name}.parquet"
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), file)
        read = "parquet.`{}`" if self.warehouse.engine == "spark" else "read_parquet('{}')"
        models = self.project / "models"
        (models / f"{name}.sql").write_text(f"select node_a, node_b from {read.format(file)}")
        if self.warehouse.engine == "spark":
            (models / f"{name}_copy.sql").write_text(
                f"{{{{ config(materialized='table') }}}} select * from {{{{ ref('{name}') }}}}"
            )

    def run(self, *arguments: str) -> None:
        run_dbt(self.warehouse, "run", self.project, *arguments)

    def kill(self, place: str) -> None:
        kill_dbt((place, 1), self.warehouse, "run", self.project)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return start_dbt(self.warehouse, "run", self.project, *arguments)

    def components(self, name: str) -> Components:
        copy = "_copy" if self.warehouse.engine == "spark" else ""
        return by_component(self.warehouse.model(name + copy))


def check(models: Models, expected: dict[str, Edges]) -> None:
    """Built; then a run with nothing changed; then one with edges gone and new; then all anew."""
    for name, edges in expected.items():
        models.write(name, edges)
    models.run()
    first = {name: models.components(name) for name in expected}
    for name, edges in expected.items():
        assert set(first[name].values()) == connected(edges), name
    models.run()
    assert {name: models.components(name) for name in expected} == first
    changed = {name: [*edges[2:], ("n1", "new"), ("x", "y")] for name, edges in expected.items()}
    for name, edges in changed.items():
        models.write(name, edges)
    for arguments in ((), ("--full-refresh",)):
        models.run(*arguments)
        for name, edges in changed.items():
            assert set(models.components(name).values()) == connected(edges), (name, arguments)


@pytest.mark.e2e
def test_components_of_any_graph(tmp_path: Path) -> None:
    few = {name: graphs()[name] for name in ("small_0", "star", "two_ends", "empty")}
    check(Models(tmp_path), few)


@pytest.mark.heavy
def test_components_on_spark(tmp_path: Path) -> None:
    """The same text; fewer shapes, because each statement costs Spark its start."""
    few = {name: graphs()[name] for name in ("small_0", "two_ends", "empty")}
    check(Models(tmp_path, "spark"), {"chain": graphs()["ordered_chain"][:40], **few})


@pytest.mark.e2e
def test_a_killed_run_changes_nothing(tmp_path: Path) -> None:
    """Killed when everything is written and nothing committed."""
    models = Models(tmp_path)
    models.write("graph", [("a", "b"), ("b", "c"), ("d", "e")])
    models.run()
    before = models.components("graph")

    edges = [("a", "b"), ("d", "c"), ("f", "g")]
    models.write("graph", edges)
    models.kill("commit connected_components graph")
    with duckdb.connect(str(models.warehouse.file), read_only=True) as con:
        assert by_component(con.execute("from graph").fetchall()) == before
        assert con.execute("select count(*) from graph__edges").fetchall() == [(3,)]

    models.run()
    assert set(models.components("graph").values()) == connected(edges)


@pytest.mark.heavy
@pytest.mark.timeout(1_800)
def test_a_run_killed_on_spark_changes_nothing(tmp_path: Path) -> None:
    """Killed when the first of the next tables is written: the view still reads those before."""
    models = Models(tmp_path, "spark")
    models.write("graph", [("a", "b"), ("b", "c"), ("d", "e")])
    models.run()
    before = models.components("graph")
    edges = [("a", "b"), ("d", "c"), ("f", "g")]
    models.write("graph", edges)
    next_table = tmp_path / "spark" / "graph__edges_2"
    kill_when(models.start("--select", "graph"), next_table.exists)
    models.run("--select", "graph_copy")
    assert models.components("graph") == before
    # As `o2o build` sweeps: Spark makes no table where a killed one left its folder.
    for folder in (tmp_path / "spark").glob("graph__*"):
        if not folder.name.endswith("_1"):
            shutil.rmtree(folder)
    models.run()
    assert set(models.components("graph").values()) == connected(edges)
    left = {path.name for path in (tmp_path / "spark").glob("graph__*")}
    assert len(left) == 2, f"tables nobody needs: {left}"


def kill_when(process: subprocess.Popen[str], reached: object) -> None:
    assert callable(reached)
    while not reached():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
