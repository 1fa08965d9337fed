"""The project's graph macros, run by dbt's own adapter inside this process.

A model's run pays dbt's start, seconds that say nothing about the SQL and forbid trying hundreds of
graphs; here the macros are parsed once and called like functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.factory import adapter_management, get_adapter, register_adapter
from dbt.cli.main import dbtRunner
from dbt.config.runtime import RuntimeConfig, load_profile, load_project
from dbt.context.providers import generate_runtime_macro_context
from dbt.flags import get_flags

PROJECT = Path(__file__).resolve().parents[1] / "dbt_project"
PROFILE = """
o2o:
  target: duckdb
  outputs:
    duckdb:
      type: duckdb
      path: "{path}"
      threads: 1
      settings: {{memory_limit: "{memory}", threads: {threads}, checkpoint_threshold: 256MB}}
"""


@dataclass(frozen=True)
class Macros:
    """A DuckDB warehouse and the macros that work in it."""

    adapter: Any
    manifest: Any

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The very connection that the macros use: their transaction, their scratch tables."""
        found: duckdb.DuckDBPyConnection = (
            self.adapter.connections.get_thread_connection().handle.cursor()._cursor
        )
        return found

    def call(self, macro: str, **arguments: Any) -> Any:
        """What the macro returns, its work committed; on an error nothing is left of it."""
        try:
            result = self.adapter.execute_macro(
                macro, macro_resolver=self.manifest, kwargs=arguments, needs_conn=True
            )
        except BaseException:
            self.adapter.connections.rollback_if_open()
            raise
        if self.adapter.connections.get_thread_connection().transaction_open:
            self.adapter.connections.commit()
        return result


@contextmanager
def graph_macros(home: Path, memory: str = "1GB", threads: int = 2) -> Iterator[Macros]:
    """Macros over ``home``/graph.duckdb. ``home`` is a folder for dbt's own files too."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / "graph.duckdb"
    (home / "dbt_project.yml").write_text(
        f"{{name: o2o, profile: o2o, macro-paths: ['{PROJECT / 'macros'}'],"
        " flags: {send_anonymous_usage_stats: false}}"
    )
    (home / "profiles.yml").write_text(PROFILE.format(path=path, memory=memory, threads=threads))
    folders = ["--project-dir", str(home), "--profiles-dir", str(home), "--log-path", str(home)]
    parsed = dbtRunner().invoke(["parse", "--quiet", "--no-partial-parse", *folders])
    if parsed.exception is not None:
        raise parsed.exception
    manifest = parsed.result
    with adapter_management():
        profile = load_profile(str(home), {})
        project = load_project(str(home), True, profile, {})
        flags: Any = get_flags()  # type: ignore[no-untyped-call]
        config = RuntimeConfig.from_parts(project, profile, flags)
        register_adapter(config, get_context("spawn"))
        adapter: Any = get_adapter(config)
        adapter.set_macro_resolver(manifest)
        adapter.set_macro_context_generator(generate_runtime_macro_context)
        with adapter.connection_named("graph"):
            yield Macros(adapter, manifest)
