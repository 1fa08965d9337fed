"""A landing zone written by hand and the warehouse that dbt builds from it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from connectors.core.source import Source
from connectors.registry import SOURCES
from o2o.pipeline.project import PROJECT_DIR as PROJECT
from o2o.pipeline.project import settings
from tests import forks, kill_at

DBT = Path(sys.executable).with_name("dbt")
IDENTITY_KEY = "test"
NO_LOAD = "00000000T000000.000000Z"
SCHEMA = pa.schema(
    [
        ("_key", pa.string()),
        ("_cursor", pa.string()),
        ("_extracted_at", pa.timestamp("us")),
        ("_load_id", pa.string()),
        ("_payload", pa.string()),
    ]
)
# Key, cursor, payload; as text where it is no JSON.
Row = tuple[str | None, str | None, Mapping[str, Any] | str | None]


@dataclass(frozen=True)
class Warehouse:
    """Landing zone, tables and dbt target of one test, all under ``home``."""

    home: Path
    engine: str = "duckdb"
    connections: tuple[Source, ...] = tuple(SOURCES.values())

    @property
    def landing(self) -> Path:
        return self.home / "landing"

    @property
    def file(self) -> Path:
        return self.home / "warehouse.duckdb"

    def land_nothing(self) -> None:
        """The zero-row load that every stream starts with, so that dbt's globs match."""
        for file in (PROJECT / "models" / "staging").glob("*/_*.yml"):
            for source in yaml.safe_load(file.read_text()).get("sources", ()):
                for table in source["tables"]:
                    self.land(source["name"], table["name"], NO_LOAD, [])

    def land(self, source: str, stream: str, load_id: str, rows: Sequence[Row]) -> None:
        folder = self.landing / source / stream
        folder.mkdir(parents=True, exist_ok=True)
        at = datetime(2026, 6, 1, tzinfo=UTC).replace(tzinfo=None)
        landed = [(key, cursor, at, load_id, _written(payload)) for key, cursor, payload in rows]
        columns = [list(column) for column in zip(*landed, strict=True)] or [[] for _ in SCHEMA]
        arrays = [pa.array(c, f.type) for c, f in zip(columns, SCHEMA, strict=True)]
        pq.write_table(pa.Table.from_arrays(arrays, schema=SCHEMA), folder / f"{load_id}.parquet")

    def land_report(
        self, source: str, stream: str, load_id: str, days: Sequence[str], rows: Sequence[Row]
    ) -> None:
        """A load of a report stream: its rows, and a marker for each day that it covers."""
        markers: list[Row] = [(None, day, None) for day in days]
        self.land(source, stream, load_id, [*markers, *rows])

    def build(self, *arguments: str) -> None:
        # Writing down what it knows and did costs dbt more than a second; `manifest` has it told.
        run_dbt(self, "build", PROJECT, "--no-write-json", *arguments)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.file), read_only=True) as connection:
            return connection.sql(query).fetchall()

    def model(self, name: str) -> list[tuple[Any, ...]]:
        """All rows of a model in the default schema, whichever engine holds it."""
        if self.engine == "duckdb":
            return self.rows(f"from main.{name}")
        files = list((self.home / "spark" / name).glob("*.parquet"))
        return duckdb.read_parquet([str(file) for file in files]).fetchall() if files else []

    def spark_settings(self) -> dict[str, str]:
        """Environment of a Spark on this machine alone, with its catalog and tables in ``home``."""
        conf = self.home / "conf"
        conf.mkdir(exist_ok=True)
        settings = {
            "spark.master": "local[2]",
            "spark.driver.memory": "1g",
            "spark.driver.extraJavaOptions": f"-Dderby.stream.error.file={self.home}/derby.log"
            " -Dderby.system.durability=test -XX:MetaspaceSize=256m -Xmn400m"
            " -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=192m",
            "spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem",
            "spark.hadoop.javax.jdo.option.ConnectionURL": "jdbc:derby:;databaseName="
            f"{self.home}/metastore;create=true",
            # A handful of rows: compiling costs more than it saves.
            "spark.sql.codegen.factoryMode": "NO_CODEGEN",
            "spark.sql.codegen.wholeStage": "false",
            "spark.sql.shuffle.partitions": "2",
            "spark.sql.warehouse.dir": (self.home / "spark").as_uri(),
            "spark.ui.enabled": "false",
        }
        lines = [f"{name} {value}" for name, value in settings.items()]
        (conf / "spark-defaults.conf").write_text("\n".join(lines) + "\n")
        return {"SPARK_CONF_DIR": str(conf), "PYSPARK_SUBMIT_ARGS": "pyspark-shell"}

    def tables(self) -> list[str]:
        return [
            f'{schema}."{name}"'
            for schema, name in self.rows(
                "select table_schema, table_name from information_schema.tables order by all"
            )
        ]

    def manifest(self) -> dict[str, Any]:
        run_dbt(self, "parse", PROJECT)
        manifest: dict[str, Any] = json.loads((self.home / "target/manifest.json").read_text())
        return manifest


def _written(payload: Mapping[str, Any] | str | None) -> str | None:
    return json.dumps(payload) if isinstance(payload, Mapping) else payload


def part_of_project(folder: Path, *parts: str) -> Path:
    """A project of these files and folders of ours alone: where its variables are others, dbt reads
    all of a project anew, of which few models may be wanted."""
    for part in ("dbt_project.yml", "macros", "seeds", *parts):
        copy = shutil.copytree if (PROJECT / part).is_dir() else shutil.copy
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        copy(PROJECT / part, folder / part)
    return folder


def run_dbt(warehouse: Warehouse, command: str, project: Path, *arguments: str) -> None:
    """dbt in a process that no other test has worked in, so that none inherits another's
    connections or macros."""
    if warehouse.engine == "spark":
        with start_dbt(warehouse, command, project, *arguments) as process:
            output, errors = process.communicate()
        assert process.returncode == 0, output + errors
        return
    done = forks.run(_dbt(warehouse, command, project, *arguments))
    assert done.returncode == 0, done.stdout


def kill_dbt(
    place: kill_at.Place, warehouse: Warehouse, command: str, project: Path, *arguments: str
) -> None:
    """The same, killed at a place (tests/kill_at.py)."""
    done = forks.run(kill_at.killed(place, _dbt(warehouse, command, project, *arguments)))
    assert done.returncode == -signal.SIGKILL, done.stdout


def start_dbt(
    warehouse: Warehouse, command: str, project: Path, *arguments: str
) -> subprocess.Popen[str]:
    """dbt as a program, still running."""
    dbt = _dbt(warehouse, command, project, *arguments)
    return subprocess.Popen(
        [str(DBT), *dbt.arguments],
        cwd=dbt.folder,
        env=dbt.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _dbt(warehouse: Warehouse, command: str, project: Path, *arguments: str) -> forks.Command:
    is_local = warehouse.engine == "duckdb"
    file, landing = warehouse.file, warehouse.landing
    environment = {
        **os.environ,
        **(warehouse.spark_settings() if warehouse.engine == "spark" else {}),
        "O2O_HOME": str(warehouse.home),
        **settings(
            warehouse.engine,
            str(file.relative_to(warehouse.home)),
            landing.name if is_local else str(landing),
            IDENTITY_KEY,
            warehouse.connections,
        ),
        "DBT_LOG_LEVEL_FILE": "error",  # a debug log of a build costs five seconds
    }
    folders = ["--project-dir", str(project), "--profiles-dir", str(PROJECT)]
    folders += ["--target-path", str(warehouse.home / "target")]
    folders += ["--log-path", str(warehouse.home / "logs")]
    called = [command, "--quiet", *folders, *arguments]
    imports = ("dbt.cli.main",)
    return forks.Command("dbt.cli.main:cli", called, environment, imports, str(warehouse.home))
