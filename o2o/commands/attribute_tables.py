"""Attribution over tables that are not the warehouse's: their contracts, and its own SQL.

dbt compiles the models; here they run in a DuckDB of their own over the given tables. Customers are
taken in parts, because a touch belongs to one customer only: so the joins of one part are all that
is in memory at a time.
"""

# Table names are this project's own; what a user names goes in as a parameter or quoted.
# ruff: noqa: S608
from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from analytics.attribution import journeys
from analytics.attribution.journeys import Journeys
from analytics.attribution.models import SOLVED
from analytics.attribution.solve import SEPARATOR, solve
from analytics.errors import InputError
from o2o.pipeline import project

SEEDS = project.PROJECT_DIR / "seeds"
MODELS = (
    "int_attribution__paths",
    "int_attribution__channel_paths",
    "int_attribution__models",
    "int_attribution__credits",
    "fct_attribution",
)
TOUCHES_AT_A_TIME = 4_000_000
BUCKETS = 64  # of customers; at most so many parts
NO_LIMIT_DAYS = 36_500

CONVERSION_COLUMNS = """
    select *, value_minor as value_reporting_minor, null::varchar as order_channel,
        null::varchar as store_id
    from conversions"""
CREDIT_SUMS = """
    select conversion_type, attribution_model, channel, sum(credit_share),
        sum(credit_minor)::bigint
    from credit group by all"""
# The same, without making the rows: what no touch is credited for is what is left.
SUMS = """
    select conversion_type, attribution_model, channel, sum(credit_share),
        sum(credit_minor)::bigint
    from intermediate.int_attribution__credits group by all
    union all
    select conversion_type, attribution_model, 'unattributed', count(*), sum(value_minor)::bigint
    from intermediate.int_conversions
    anti join (
        select conversion_id from intermediate.int_attribution__paths where has_analytics_consent
    ) using (conversion_id)
    cross join intermediate.int_attribution__models
    group by all"""


@dataclass(frozen=True)
class Column:
    """A column of a contract: its DuckDB type and, unless it is required, what stands in for it."""

    name: str
    type: str
    default: str | None = None
    is_nullable: bool = False


TOUCHPOINTS = (
    Column("touchpoint_id", "varchar"),
    Column("customer_id", "varchar", is_nullable=True),
    Column("touched_at", "timestamptz"),
    Column("channel", "varchar"),
    Column("touch_type", "varchar", "'touch'"),
    Column("campaign_id", "varchar", "null", is_nullable=True),
    Column("has_analytics_consent", "boolean", "true"),
)
CONVERSIONS = (
    Column("conversion_id", "varchar"),
    Column("customer_id", "varchar", is_nullable=True),
    Column("converted_at", "timestamptz"),
    Column("conversion_type", "varchar", "'conversion'"),
    Column("value", "decimal(28, 8)", "null", is_nullable=True),
    Column("value_minor", "bigint", "null", is_nullable=True),
    Column("currency_code", "varchar", "null", is_nullable=True),
    Column("has_analytics_consent", "boolean", "true"),
)
WINDOWS = (
    Column("conversion_type", "varchar", "'*'"),
    Column("touch_type", "varchar", "'*'"),
    Column("lookback_days", "integer"),
    Column("minimum_age_hours", "integer", "0"),
)


@dataclass
class Credits:
    """What attribution over given tables comes to.

    ``summary`` has one row per conversion type, model and channel, with what its touches are
    credited; ``journeys`` the journeys by conversion type, each converted one by itself. Money is
    in minor units. ``notes`` are what the user should know.
    """

    con: duckdb.DuckDBPyConnection
    currency_codes: tuple[str | None, ...]
    notes: list[str] = field(default_factory=list)
    summary: list[tuple[str, str, str, float, int]] = field(default_factory=list)

    def journeys(self) -> Iterator[tuple[str, Journeys]]:
        """Conversion type and its journeys, ready for ``attribution``."""
        types = self.con.execute(
            "select distinct conversion_type from intermediate.int_conversions order by all"
        ).fetchall()
        for (conversion_type,) in types:
            table = self.con.execute(
                f"""
                select list(channel order by touch_position) as touches,
                    list(age_microseconds / 86400e6 order by touch_position) as ages,
                    1 as conversions, any_value(value_minor) as value, 0 as nulls
                from paths where has_analytics_consent and conversion_type = $1
                group by conversion_id
                union all
                select string_split(channel_path, '{SEPARATOR}') as touches,
                    list_transform(touches, lambda t: 0.0), 0, 0, journey_count
                from channel_paths where not is_converted and conversion_type = $1
                order by all""",
                [conversion_type],
            ).to_arrow_table()
            if table.num_rows:
                yield (
                    conversion_type,
                    journeys.from_lists(
                        table["touches"].combine_chunks(),
                        table["conversions"].to_numpy(),
                        table["value"].to_numpy(),
                        table["nulls"].to_numpy(),
                        table["ages"].combine_chunks().flatten().to_numpy(),
                    ),
                )


def attribute(
    folder: Path,
    touchpoints: Path,
    conversions: Path,
    windows: Path | None = None,
    models: Sequence[str] = (),
    variables: Mapping[str, Any] | None = None,
    write: Any = None,
) -> Credits:
    """Credit every touch of ``touchpoints`` for the ``conversions`` it may have led to.

    ``folder`` is for what is kept meanwhile. ``models`` are names of seeds/attribution_models.csv,
    all if none. ``variables`` are dbt's. ``write`` gets the rows of fct_attribution as Arrow
    batches. Raises ``InputError``.
    """
    con = duckdb.connect(str(folder / "attribution.duckdb"))
    con.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
    con.execute(f"set temp_directory = '{folder}/spill'")
    # As in dbt_project/profiles.yml: beyond it DuckDB spills to disk.
    con.execute(f"set memory_limit = '{os.environ.get('O2O_DBT_MEMORY', '4GB')}'")
    for schema in ("seeds", "staging", "intermediate"):
        con.execute(f"create schema {schema}")
    for seed in SEEDS.glob("attribution_*.csv"):
        con.execute(f"create table seeds.{seed.stem} as from read_csv('{seed}')")
    _choose(con, models)
    notes = _load(con, touchpoints, conversions, windows)
    codes = con.execute(
        "select distinct currency_code from conversions order by all nulls last"
    ).fetchall()
    # Last, because it takes seconds: a table that is wrong is told of at once.
    sql = compile_models(json.dumps(variables or {}))
    found = Credits(con, tuple(code for (code,) in codes), notes)

    parts = _in_parts(con)
    _find_paths(con, sql, parts)
    wanted = [model for model in SOLVED if model in models or not models]
    _weigh(con, wanted)
    con.execute(
        f"create view intermediate.int_attribution__models as {sql['int_attribution__models']}"
    )
    totals: dict[tuple[str, str, str], list[Any]] = {}
    for part in range(parts):
        _view(con, "int_conversions", f"{CONVERSION_COLUMNS} where bucket % {parts} = {part}")
        _view(con, "int_touchpoints", f"from touchpoints where bucket % {parts} = {part}")
        _view(con, "int_attribution__paths", f"from paths_{part}")
        _view(con, "int_attribution__credits", sql["int_attribution__credits"])
        if write:
            con.execute(
                f"create or replace table credit as select * exclude"
                f" (attribution_id, order_channel, store_id, credit_reporting_minor)"
                f" from ({sql['fct_attribution']})"
            )
            write(con.execute("from credit").to_arrow_reader(1 << 17))
        for *key, share, minor in con.execute(CREDIT_SUMS if write else SUMS).fetchall():
            total = totals.setdefault((key[0], key[1], key[2]), [0, 0])
            total[0] += share
            total[1] += minor
    found.summary = [(*key, float(s), m) for key, (s, m) in sorted(totals.items())]
    _view(con, "int_conversions", CONVERSION_COLUMNS)
    return found


def _find_paths(con: duckdb.DuckDBPyConnection, sql: Mapping[str, str], parts: int) -> None:
    """The paths of each part of the customers, and the channel paths of all."""
    # All conversions: which types there are is a matter of all customers.
    _view(con, "int_conversions", CONVERSION_COLUMNS)
    for part in range(parts):
        _view(con, "int_touchpoints", f"from touchpoints where bucket % {parts} = {part}")
        con.execute(f"create table paths_{part} as {sql['int_attribution__paths']}")
        _view(con, "int_attribution__paths", f"from paths_{part}")
        con.execute(f"create table channel_paths_{part} as {sql['int_attribution__channel_paths']}")
    kept = "conversion_id, conversion_type, value_minor, channel, has_analytics_consent,"
    kept += " age_microseconds, touch_position"
    everything = " union all ".join(f"select {kept} from paths_{part}" for part in range(parts))
    con.execute(f"create view paths as {everything}")
    everything = " union all ".join(f"from channel_paths_{part}" for part in range(parts))
    con.execute(
        f"""create table channel_paths as
        select conversion_type, channel_path, is_converted, sum(journey_count)::bigint
            as journey_count, sum(value_reporting_minor)::bigint as value_reporting_minor
        from ({everything}) group by all"""
    )


def _view(con: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    con.execute(f"create or replace view intermediate.{name} as {query}")


@cache
def compile_models(variables: str) -> dict[str, str]:
    """The SQL of the attribution models for a DuckDB file called attribution.duckdb, by name.

    ``variables`` are dbt's, as JSON.
    """
    # Imported here: dbt takes two seconds that `o2o --help` need not pay.
    from dbt.cli.main import dbtRunner

    arguments = [
        "compile",
        "--project-dir",
        str(project.PROJECT_DIR),
        "--profiles-dir",
        str(project.PROJECT_DIR),
    ]
    arguments += ["--log-level", "none", "--no-introspect", "--no-populate-cache"]
    arguments += ["--target", "duckdb", "--vars", variables, "--select", *MODELS]
    with tempfile.TemporaryDirectory(prefix="o2o-compile-") as name:
        target = Path(name)
        with _settings(target):
            outcome = dbtRunner().invoke(
                [*arguments, "--target-path", str(target), "--log-path", str(target)]
            )
        if not outcome.success:
            raise InputError(f"dbt cannot compile the attribution models: {outcome.exception}")
        compiled = {}
        for model in MODELS:
            (file,) = (target / "compiled").rglob(f"{model}.sql")
            compiled[model] = file.read_text()
        return compiled


@contextmanager
def _settings(target: Path) -> Iterator[None]:
    """What dbt's profile and the models ask for, none of which compiling looks at."""
    wanted = project.settings("duckdb", str(target / "attribution.duckdb"), str(target), "none")
    with project.environment(wanted):
        try:
            yield
        finally:
            from dbt.adapters.duckdb.connections import DuckDBConnectionManager
            from dbt.adapters.factory import cleanup_connections, reset_adapters

            cleanup_connections()  # type: ignore[no-untyped-call]
            reset_adapters()  # type: ignore[no-untyped-call]
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]


def _choose(con: duckdb.DuckDBPyConnection, models: Sequence[str]) -> None:
    known = [name for (name,) in con.execute(
        "select attribution_model from seeds.attribution_models"
    ).fetchall()]  # fmt: skip
    for name in models:
        if name not in known:
            raise InputError(f"{name!r} is not a model: choose from {', '.join(known)}")
    if models:
        con.execute(
            "delete from seeds.attribution_models where not list_contains($1, attribution_model)",
            [list(models)],
        )


def _load(
    con: duckdb.DuckDBPyConnection, touchpoints: Path, conversions: Path, windows: Path | None
) -> list[str]:
    """Both tables under their contracts, and windows for all pairs of types that they have."""
    given = _read(con, "touchpoints", touchpoints, TOUCHPOINTS)
    given |= _read(con, "conversions", conversions, CONVERSIONS)
    for table, key in (("touchpoints", "touchpoint_id"), ("conversions", "conversion_id")):
        _refuse(
            con,
            f"select {key} from {table} group by {key} having count(*) > 1",
            f"The {table} have more than one row of the {key} {{}}: each needs one of its own",
        )
    _refuse(
        con,
        f"select channel from touchpoints where contains(channel, '{SEPARATOR}')",
        f"Channel {{!r}} contains '{SEPARATOR}', which separates channels in a path: rename it",
    )
    _price(con, given)
    return _open_windows(con, windows, {"touch_type", "conversion_type"} <= given)


def _read(
    con: duckdb.DuckDBPyConnection, name: str, path: Path, contract: Sequence[Column]
) -> set[str]:
    """Read a CSV or Parquet file into a table of the contract's columns; returns those it had."""
    if not path.exists():
        raise InputError(f"The file of {name} does not exist: {path}")
    reader = {".csv": "read_csv(?, all_varchar = true)", ".parquet": "read_parquet(?)"}
    if path.suffix not in reader:
        raise InputError(f"{path}: the name of a file of {name} must end in .csv or .parquet")
    source = reader[path.suffix]
    try:
        described = con.execute(f"describe from {source}", [str(path)]).fetchall()
    except duckdb.Error as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    given = {row[0] for row in described}
    missing = [c.name for c in contract if c.default is None and not c.is_nullable]
    missing = [c for c in [*missing, "customer_id"] if c in {x.name for x in contract} - given]
    if missing:
        raise InputError(
            f"{path}: the {name} have no column {missing[0]}. They need"
            f" {', '.join(c.name for c in contract if c.default is None)};"
            f" found {', '.join(sorted(given))}"
        )
    wrong = {column.name: _wrong(column) for column in contract if column.name in given}
    counts = con.execute(
        f"select {', '.join(f'count(*) filter ({bad})' for bad in wrong.values())} from {source}",
        [str(path)],
    ).fetchall()[0]
    for column, count in zip((c for c in contract if c.name in given), counts, strict=True):
        if count:
            _say_where(con, path, source, column, wrong[column.name])
    columns = ", ".join(
        _cast(c) if c.name in given else f"{c.default} as {c.name}" for c in contract
    )
    if "customer_id" in {column.name for column in contract}:
        columns += f", coalesce(hash(customer_id) % {BUCKETS}, 0)::utinyint as bucket"
    con.execute(f"create table {name} as select {columns} from {source}", [str(path)])
    return given


def _wrong(column: Column) -> str:
    """The condition under which a value of the column breaks the contract."""
    bad = f'"{column.name}" is not null and try_cast("{column.name}" as {column.type}) is null'
    return bad if column.is_nullable else f'{bad} or "{column.name}" is null'


def _say_where(
    con: duckdb.DuckDBPyConnection, path: Path, source: str, column: Column, bad: str
) -> None:
    row, text = con.execute(
        f"""select row, value from (
            select row_number() over () as row, "{column.name}"::varchar as value, ({bad}) as bad
            from {source}
        ) where bad order by row limit 1""",
        [str(path)],
    ).fetchall()[0]
    what = "is empty" if text is None else f"{text!r} is not a valid {_word(column.type)}"
    raise InputError(f"{path}, row {row}: {column.name} {what}")


def _cast(column: Column) -> str:
    if column.type == "timestamptz":
        return f"timezone('UTC', \"{column.name}\"::timestamptz) as {column.name}"
    if column.name == "channel":
        return 'trim("channel"::varchar) as channel'
    return f'"{column.name}"::{column.type} as {column.name}'


def _word(kind: str) -> str:
    words = {"timestamptz": "time", "boolean": "boolean (true or false)", "integer": "whole number"}
    return words.get(kind, "whole number" if kind == "bigint" else "number")


def _refuse(con: duckdb.DuckDBPyConnection, query: str, message: str) -> None:
    row = con.execute(f"{query} order by all limit 1").fetchone()
    if row:
        raise InputError(message.format(*row))


def _price(con: duckdb.DuckDBPyConnection, given: set[str]) -> None:
    """Values in minor units: as they are, or by the decimals of the currency (two without one)."""
    if {"value", "value_minor"} <= given:
        raise InputError("The conversions have both value and value_minor: leave one out")
    con.execute(f"create table seeds.currencies as from read_csv('{SEEDS}/currencies.csv')")
    _refuse(
        con,
        """select currency_code from conversions anti join seeds.currencies using (currency_code)
        where currency_code is not null""",
        "The conversions have the currency {!r}, which is not in seeds/currencies.csv",
    )
    if "value" in given:
        con.execute(
            """update conversions set value_minor = round(value * 10 ** coalesce(
                (select exponent from seeds.currencies as c
                 where c.currency_code = conversions.currency_code), 2)::decimal(5, 0))"""
        )
    con.execute("update conversions set value_minor = 0 where value_minor is null")


def _open_windows(
    con: duckdb.DuckDBPyConnection, windows: Path | None, has_types: bool
) -> list[str]:
    """One window for each pair of types, by the most precise row that names it."""
    notes = []
    if windows:
        _read(con, "windows", windows, WINDOWS)
    elif has_types:
        con.execute("create table windows as from seeds.attribution_windows")
    else:
        con.execute(f"create table windows as select '*' as conversion_type, '*' as touch_type,"
                    f" {NO_LIMIT_DAYS} as lookback_days, 0 as minimum_age_hours")  # fmt: skip
        notes.append(
            "The tables do not say conversion_type and touch_type, so every touch before a"
            " conversion counts; --windows sets limits"
        )
    con.execute(
        """create or replace table seeds.attribution_windows as
        select conversion_type, touch_type, lookback_days, minimum_age_hours from (
            select c.conversion_type, t.touch_type, w.lookback_days, w.minimum_age_hours,
                row_number() over (
                    partition by c.conversion_type, t.touch_type
                    order by w.conversion_type = '*', w.touch_type = '*'
                ) as choice
            from (select distinct conversion_type from conversions) as c
            cross join (select distinct touch_type from touchpoints) as t
            join windows as w
                on w.conversion_type in (c.conversion_type, '*')
                and w.touch_type in (t.touch_type, '*')
        ) where choice = 1"""
    )
    unreached = con.execute(
        """select c.conversion_type || ' and ' || t.touch_type
        from (select distinct conversion_type from conversions) as c
        cross join (select distinct touch_type from touchpoints) as t
        anti join seeds.attribution_windows using (conversion_type, touch_type)
        order by all"""
    ).fetchall()
    if unreached:
        notes.append(
            "No look-back window, and so no credit, for " + "; ".join(pair for (pair,) in unreached)
        )
    return notes


def _in_parts(con: duckdb.DuckDBPyConnection) -> int:
    """How many parts of the customers are taken one after another."""
    (touches,) = con.execute("select count(*) from touchpoints").fetchall()[0]
    return min(BUCKETS, max(1, -(-int(touches) // TOUCHES_AT_A_TIME)))


def _weigh(con: duckdb.DuckDBPyConnection, wanted: Sequence[str]) -> None:
    """Weights of the solved models, as the build would stage them."""
    con.execute(
        """create table staging.stg_o2o__channel_weights (conversion_type varchar,
            attribution_model varchar, channel varchar, weight_trillionths bigint)"""
    )
    solved: pa.Table = solve(con.execute("from channel_paths").to_arrow_table(), 0, wanted)
    con.register("solved", solved)
    con.execute(
        """insert into staging.stg_o2o__channel_weights
        select conversion_type, attribution_model, channel, round(weight * 1e12)::bigint
        from solved"""
    )
