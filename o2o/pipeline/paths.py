"""Where the warehouse keeps its files. One place, so that no other module builds a path of its own.

``O2O_HOME`` is the run folder (default: ``var`` in the current folder); ``O2O_LANDING_URL`` moves
the landing zone elsewhere, for example to an object store. ``O2O_ENGINE`` says which engine holds
the warehouse; on Spark its tables lie under ``O2O_SPARK_WAREHOUSE_URL``. ``O2O_STATE_URL`` is where
reports and publication are kept beyond one machine (``o2o.pipeline.remote_copy``).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from warehouse.landing.errors import SettingError

Engine = Literal["duckdb", "spark"]


@dataclass(frozen=True)
class Paths:
    """All locations of one installation. Directories are made by who writes them, not here."""

    home: Path
    landing_url: str
    engine: Engine = "duckdb"
    spark_warehouse_url: str = ""
    state_url: str = ""

    @classmethod
    def from_env(cls) -> Paths:
        """Read the settings; raises ``SettingError`` if ``O2O_ENGINE`` names no engine."""
        home = Path(os.environ.get("O2O_HOME", "var")).resolve()
        engine = os.environ.get("O2O_ENGINE") or "duckdb"
        if engine not in get_args(Engine):
            raise SettingError(f"O2O_ENGINE is {engine!r}: set it to duckdb or spark")
        return cls(
            home,
            (os.environ.get("O2O_LANDING_URL") or str(home / "landing")).rstrip("/"),
            cast(Engine, engine),
            os.environ.get("O2O_SPARK_WAREHOUSE_URL", str(home / "warehouse" / "spark")),
            os.environ.get("O2O_STATE_URL", "").rstrip("/"),
        )

    @property
    def warehouse(self) -> Path:
        """The private DuckDB file: one writer at a time, no reader beside it."""
        return self.home / "warehouse" / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """The read-only DuckDB file that analysts open; swapped in whole by an atomic rename."""
        return self.home / "published" / "o2o.duckdb"

    @property
    def reports(self) -> Path:
        """Audit results, Data Docs and the owners' report."""
        return self.home / "reports"

    @property
    def state(self) -> str:
        """Where incidents and the last judged build are kept, for all machines: ``O2O_STATE_URL``,
        else beside the loads where these are in an object store, else the run folder."""
        if self.state_url:
            return self.state_url
        return f"{self.landing_url}/_state" if "://" in self.landing_url else str(self.home)

    @property
    def outside_world(self) -> Path:
        """The demo's vendors. What they know of people is theirs: an erasure leaves it alone."""
        return self.home / "simulator"

    @property
    def dbt_target(self) -> Path:
        """dbt's compiled SQL, and the project as it has read it."""
        return self.home / "dbt" / "target"

    @property
    def dbt_log(self) -> Path:
        """What dbt told of the newest build."""
        return self.home / "dbt" / "logs" / "dbt.log"
