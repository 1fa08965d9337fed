"""dbt-duckdb plugin: lets the warehouse read a landing zone that is no local folder, and gives its
SQL the one reading of names, addresses and numbers, and the key that identifiers are hashed with.

Named in ``dbt_project/profiles.yml``, so it works for ``o2o build`` and for dbt run by hand alike.
"""

from __future__ import annotations

import os

from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from identifiers.functions import register_in_duckdb
from warehouse.landing.zone import Landing


class Plugin(BasePlugin):
    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Called once for the connection that all of dbt's threads share."""
        Landing(os.environ["O2O_LANDING_URL"]).mount(conn)
        register_in_duckdb(conn)

    def configure_cursor(self, cursor: DuckDBPyConnection) -> None:
        """Called for each of its cursors, which know nothing of each other's variables."""
        if key := os.environ.get("O2O_IDENTITY_KEY"):
            cursor.execute("set variable o2o_identity_key = ?", [key])
