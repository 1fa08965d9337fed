"""Where the warehouse keeps its files. One place, so that no other module builds a path of its own.

``O2O_HOME`` is the run folder (default: ``var`` in the current folder); ``O2O_LANDING_URL`` moves
the landing zone elsewhere, for example to an object store.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Paths:
    """All locations of one installation. Directories are made by who writes them, not here."""

    home: Path
    landing_url: str

    @classmethod
    def from_env(cls) -> Paths:
        home = Path(os.environ.get("O2O_HOME", "var")).resolve()
        return cls(home, os.environ.get("O2O_LANDING_URL", str(home / "landing")))

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
    def dbt_target(self) -> Path:
        """dbt's compiled SQL, manifest and run results."""
        return self.home / "dbt" / "target"
