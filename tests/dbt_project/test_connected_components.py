"""The connected_components materialization against a union-find, on graphs of every shape."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from warehouse import PROJECT, Warehouse, run_dbt

Edges = list[tuple[str, str]]


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


def smallest_connected(edges: Edges) -> set[tuple[str, str]]:
    """(node, smallest node of its component), by union-find."""
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in edges:
        low, high = sorted((root(a), root(b)))
        parent[high] = low
    return {(node, root(node)) for node in list(parent)}


@pytest.mark.e2e
def test_components_of_any_graph(tmp_path: Path) -> None:
    check(Warehouse(tmp_path), graphs(), times=2)  # replaces what stands, does not add to it


@pytest.mark.heavy
def test_components_on_spark(tmp_path: Path) -> None:
    """The same text; fewer shapes, because each statement costs Spark its start."""
    few = {name: graphs()[name] for name in ("small_0", "small_1", "two_ends", "empty")}
    check(Warehouse(tmp_path, "spark"), {"chain": graphs()["ordered_chain"][:40], **few}, times=2)


def check(warehouse: Warehouse, expected: dict[str, Edges], times: int = 1) -> None:
    project = warehouse.home / "project"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text(
        f"{{name: o2o, profile: o2o, macro-paths: ['{PROJECT / 'macros'}'],"
        " models: {+materialized: connected_components},"
        " flags: {send_anonymous_usage_stats: false}}"
    )
    schema = pa.schema([("node_a", pa.string()), ("node_b", pa.string())])
    for name, edges in expected.items():
        file = warehouse.home / f"{name}.parquet"
        rows = [{"node_a": a, "node_b": b} for a, b in edges]
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), file)
        read = f"parquet.`{file}`" if warehouse.engine == "spark" else f"read_parquet('{file}')"
        (project / "models" / f"{name}.sql").write_text(f"select node_a, node_b from {read}")
    for _ in range(times):
        run_dbt(warehouse, "run", project)
    for name, edges in expected.items():
        found = warehouse.model(name)
        assert len(found) == len(set(found)), name
        assert set(found) == smallest_connected(edges), name
