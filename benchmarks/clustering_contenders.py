"""``python -m benchmarks.clustering_contenders <name> <edges.parquet> <memory>``: one way to find
connected components, in a process of its own. Prints one line of JSON: what each step cost."""

# ruff: noqa: S608  (our own table names and file paths)
from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Costs = dict[str, dict[str, float]]
GRAPH = {"nodes": "graph__nodes", "edges": "graph__edges"}
PAIR = "select '{}' as node_a, '{}' as node_b"
CHANGED = "hash(node_a, node_b, 5) % 100"  # the hundredth 0 comes, the hundredth 1 goes


@contextmanager
def step(costs: Costs, name: str) -> Iterator[None]:
    """Adds the wall and CPU seconds of a block, and the peak memory (MB) of the process so far."""
    wall, cpu = time.monotonic(), time.process_time()
    yield
    costs[name] = {
        "wall": time.monotonic() - wall,
        "cpu": time.process_time() - cpu,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def scipy(file: Path, memory: str) -> tuple[Costs, int]:
    """Factorize the keys, then scipy.sparse.csgraph.connected_components."""
    import numpy as np
    import pandas as pd  # type: ignore[import-untyped]
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    costs: Costs = {}
    with step(costs, "build"):
        pairs = pd.read_parquet(file)
        edges = len(pairs)
        codes, keys = pd.factorize(pd.concat([pairs.node_a, pairs.node_b], ignore_index=True))
        del pairs
        ends = codes.astype(np.int32)
        del codes
        graph = coo_matrix(
            (np.ones(edges, np.int8), (ends[:edges], ends[edges:])), (len(keys), len(keys))
        )
        del ends
        count, _ = connected_components(graph, directed=False)
    return costs, int(count)


def splink(file: Path, memory: str) -> tuple[Costs, int]:
    """Splink's clustering on its DuckDB backend, at its defaults."""
    from splink import DuckDBAPI
    from splink.clustering import cluster_pairwise_predictions_at_threshold

    costs: Costs = {}
    with step(costs, "build"):
        api = DuckDBAPI()
        con = api._con
        con.execute(f"create table edges as select node_a as n_l, node_b as n_r from '{file}'")
        con.execute("create table nodes as select n_l as n from edges union select n_r from edges")
        found = cluster_pairwise_predictions_at_threshold(
            con.table("nodes"), con.table("edges"), api, "n",
            edge_id_column_name_left="n_l", edge_id_column_name_right="n_r",
        )  # fmt: skip
    query = f"select count(distinct cluster_id) from {found.physical_name}"
    return costs, int(con.execute(query).fetchall()[0][0])


def ours(file: Path, memory: str) -> tuple[Costs, int]:
    """A full build by the project's macros, committed to a file."""
    from benchmarks.clustering_macros import graph_macros

    costs: Costs = {}
    with (
        tempfile.TemporaryDirectory(dir=file.parent) as home,
        graph_macros(Path(home), memory) as macros,
    ):
        _compile(macros)
        with step(costs, "build"):
            macros.call("graph_build", graph=GRAPH, query=f"from '{file}'")
        return costs, _components(macros, "graph__nodes")


def increments(file: Path, memory: str) -> tuple[Costs, int]:
    """Build without a hundredth of the edges; add it; take out another; find and apply both changes
    by comparing all edges. Fails unless the outcome is the partition that a rebuild gives."""
    from benchmarks.clustering_macros import graph_macros

    costs: Costs = {}
    edges = f"select * from '{file}' where {CHANGED}"
    with (
        tempfile.TemporaryDirectory(dir=file.parent) as home,
        graph_macros(Path(home), memory) as macros,
    ):

        def numbered(feed: str, keys: bool) -> str:
            """The change as the macros want it; what finding it costs, the step "compare" says."""
            query = macros.call("graph_numbered", query=f"from {feed}", keys=keys)
            macros.connection.execute(f"create or replace temp table numbered_{feed} as {query}")
            return f"numbered_{feed}"

        for feed, hundredth in (("arrivals", 0), ("departures", 1)):
            macros.connection.execute(f"create temp table {feed} as {edges} = {hundredth}")
        _compile(macros)
        with step(costs, "build"):
            macros.call("graph_build", graph=GRAPH, query=f"{edges} <> 0")
        feed = numbered("arrivals", keys=True)
        with step(costs, "+1%"):
            macros.call("graph_add", graph=GRAPH, new_edges=feed)
        feed = numbered("departures", keys=False)
        with step(costs, "-1%"):
            macros.call("graph_remove", graph=GRAPH, gone_edges=feed)
        macros.call("graph_build", graph=_graph("again"), query=f"{edges} <> 1")
        same = """
            select count(distinct (graph.component_no, again.component_no))
            from graph__nodes as graph full join again__nodes as again on graph.node = again.node
        """
        found = macros.connection.execute(same).fetchall()[0][0]
        counts = {_components(macros, "graph__nodes"), _components(macros, "again__nodes"), found}
        if len(counts) > 1:
            raise SystemExit(f"increments and rebuild differ: {counts} components")
        with step(costs, "compare"):  # one more hundredth comes, one more goes
            query = f"{edges} not in (0, 2)"
            change = macros.call("graph_difference", graph=GRAPH, query=query)
        costs["compare"]["changes"] = sum(
            macros.connection.execute(f"select count(*) from {table}").fetchall()[0][0]
            for table in change.values()
        )
    return costs, found


def _compile(macros: Any) -> None:
    """Jinja compiles a macro at its first call: no more a part of a build than an import is."""
    graph = macros.call("graph_build", graph=_graph("first"), query=PAIR.format("a", "b"))
    macros.call("graph_update", graph=graph, query=PAIR.format("b", "c"))


def _graph(name: str) -> dict[str, str]:
    return {"nodes": f"{name}__nodes", "edges": f"{name}__edges"}


def _components(macros: Any, nodes: str) -> int:
    query = f"select count(distinct component_no) from {nodes}"
    return int(macros.connection.execute(query).fetchall()[0][0])


CONTENDERS: dict[str, Callable[[Path, str], tuple[Costs, int]]] = {
    "ours": ours, "scipy": scipy, "splink": splink, "increments": increments,
}  # fmt: skip

if __name__ == "__main__":
    name, path, limit = sys.argv[1:]
    costs, components = CONTENDERS[name](Path(path), limit)
    print(json.dumps({"costs": costs, "components": components}))
