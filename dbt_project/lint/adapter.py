"""What dbt's ``adapter`` is to a macro, for sqlfluff: it renders the models without a database.

``adapter.dispatch(name)`` finds the DuckDB implementation, which stands in the same file as the
macro that dispatches.
"""

from collections.abc import Callable
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context


@pass_context
def dispatch(context: Context, name: str, package: str = "o2o") -> Callable[..., Any]:
    """The macro ``duckdb__<name>`` of the calling template."""
    return context.resolve(f"duckdb__{name}")


def quote(identifier: str) -> str:
    """The identifier as DuckDB wants it quoted."""
    return f'"{identifier}"'
