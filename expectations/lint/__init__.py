"""What the checks' templates are given, for sqlfluff: all that stands in this module.

Limits and feeds are made up, the functions are those of DuckDB.
"""

from __future__ import annotations

from collections import defaultdict

from expectations.catalogue import sql_context
from warehouse.engines.dialect import DuckDBDialect

_FEED = {
    "title": "feed",
    "happened_at": "created_at",
    "model": "stg_source__stream",
    "connection": "source",
}

globals().update(sql_context(DuckDBDialect(), defaultdict(lambda: 7), [_FEED, _FEED]))
