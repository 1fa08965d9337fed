from __future__ import annotations

import duckdb
import pytest

from o2o.dictionary.marts import catalogue
from tests.o2o.dictionary import tables


@pytest.fixture(scope="session")
def empty() -> duckdb.DuckDBPyConnection:
    """A published file as a build of nothing would leave it; what a test changes, it rolls back."""
    con = duckdb.connect()
    con.begin()
    tables.create(con, catalogue())
    con.commit()
    return con
