"""What `o2o attribute` is given: touchpoints, conversions and windows, as arrays."""

# What goes into a query is this project's own or a parameter.
# ruff: noqa: S608

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics.attribution.journeys import Codes, Integers
from analytics.attribution.solve import SEPARATOR
from analytics.attribution.touches import Conversions, Flags, Touches, Windows, in_order
from analytics.errors import InputError
from o2o.commands.attribute_windows import SEEDS, choose_windows
from o2o.commands.contract import Column, read
from o2o.commands.table_file import TableFile, open_table

MOST_PAIRS = 1_000_000_000  # of a customer's touches and conversions
MOST_MINOR = 9_000_000_000_000_000_000  # what 64 bits hold, of all conversions together

TOUCHPOINTS = (
    Column("touchpoint_id", "text"),
    Column("customer_id", "text", is_nullable=True, is_coded=True),
    Column("touched_at", "time"),
    Column("channel", "text", is_coded=True),
    Column("touch_type", "text", False, "touch", is_coded=True),
    Column("campaign_id", "text", False, is_nullable=True, is_coded=True),
    Column("has_analytics_consent", "flag", False, True),
)
CONVERSIONS = (
    Column("conversion_id", "text"),
    Column("customer_id", "text", is_nullable=True),
    Column("converted_at", "time"),
    Column("conversion_type", "text", False, "conversion"),
    Column("value", "amount", False, is_nullable=True),
    Column("value_minor", "whole", False, is_nullable=True),
    Column("currency_code", "text", False, is_nullable=True),
    Column("has_analytics_consent", "flag", False, True),
)


@dataclass(frozen=True)
class Input:
    """Touches and conversions by customer, time and id, in numbers.

    ``channels``, ``touch_types`` and ``conversion_types`` are the names of the numbers. What only
    the rows of the answer need is in the tables as they were read, whose rows ``touch_order`` and
    ``conversion_order`` name.
    """

    touches: Touches
    conversions: Conversions
    windows: Windows
    channels: tuple[str, ...]
    touch_types: tuple[str, ...]
    conversion_types: tuple[str, ...]
    touch_table: pa.Table
    touch_order: Integers
    conversion_table: pa.Table
    conversion_order: Integers
    notes: list[str]

    @property
    def touched_customers(self) -> Flags:
        """Of each customer's number, whether there is a touch of theirs."""
        most = max(self.touches.customers.max(initial=0), self.conversions.customers.max(initial=0))
        known = self.touches.customers[self.touches.customers >= 0]
        return np.bincount(known, minlength=int(most) + 1) > 0

    @property
    def currency_codes(self) -> tuple[str | None, ...]:
        codes = pc.unique(self.conversion_table["currency_code"]).to_pylist()
        return tuple(sorted(codes, key=lambda code: (code is None, code)))


def load(touchpoints: Path, conversions: Path, windows: Path | None) -> Input:
    """Both tables under their contracts, and windows for all pairs of types that they have.

    Raises ``InputError``.
    """
    con = duckdb.connect()
    # Each file is read once: to keep it in memory is no use.
    con.execute("set TimeZone = 'UTC'; set enable_external_file_cache = false")
    touch_file = open_table(con, "touchpoints", touchpoints)
    conversion_file = open_table(con, "conversions", conversions)
    table = read(conversion_file, "conversions", CONVERSIONS)
    _refuse_doubles(conversion_file, "conversions", table["conversion_id"])
    values, notes = _price(conversion_file, table)
    touch_table = read(touch_file, "touchpoints", TOUCHPOINTS)
    _refuse_doubles(touch_file, "touchpoints", touch_table["touchpoint_id"])
    notes += _zone_note((touch_file, "touched_at"), (conversion_file, "converted_at"))

    channel_codes, channels = _codes(touch_table["channel"])
    touch_types, touch_names = _codes(touch_table["touch_type"])
    types, names = _codes(table["conversion_type"])
    _refuse_separator(touch_file, channels, channel_codes)
    has_types = "touch_type" in touch_file.columns and "conversion_type" in conversion_file.columns
    limits, more = choose_windows(con, windows, has_types, names, touch_names)
    touch_times = touch_table["touched_at"].to_numpy()
    consents = touch_table["has_analytics_consent"].to_numpy()
    touch_customers, customers = _customers(touch_file, touch_table, table)
    # What is in arrays by now would take half of all memory.
    touch_table = touch_table.select(["touchpoint_id", "campaign_id"]).combine_chunks()
    touch_order = in_order(touch_customers, touch_times, touch_table["touchpoint_id"])
    times = table["converted_at"].to_numpy()
    order = in_order(customers, times, table["conversion_id"])
    touches = Touches(
        touch_customers[touch_order], touch_times[touch_order], channel_codes[touch_order],
        touch_types[touch_order], consents[touch_order],
    )  # fmt: skip
    if not np.isin(customers[customers >= 0], touch_customers).any():
        notes.append(
            "No customer_id of the conversions is among those of the touchpoints: see whether both"
            " files write them alike"
        )
    return Input(
        touches,
        Conversions(customers[order], times[order], types[order], values[order]),
        limits, tuple(channels), tuple(touch_names), tuple(names),
        touch_table, touch_order, table, order, notes + more,
    )  # fmt: skip


def _codes(column: pa.ChunkedArray) -> tuple[Codes, list[str]]:
    """A column of names as places in their list, and the list."""
    codes, names = _ranks(column)
    return codes, names.to_pylist()


def _ranks(column: pa.ChunkedArray) -> tuple[Codes, pa.Array]:
    """The same, of names that may be absent, which is -1; the list stays Arrow's."""
    encoded = column.dictionary_encode().combine_chunks()
    # By name, so that results do not depend on who came first.
    order = pc.sort_indices(encoded.dictionary)
    ranks = np.full(len(order) + 1, -1, dtype=np.int32)  # the last is for -1
    ranks[order.to_numpy()] = np.arange(len(order), dtype=np.int32)
    indices = encoded.indices
    if indices.null_count:
        indices = pc.fill_null(indices, -1)
    return ranks[indices.to_numpy()], encoded.dictionary.take(order)


def _customers(file: TableFile, touches: pa.Table, conversions: pa.Table) -> tuple[Codes, Codes]:
    """The customers of both tables as numbers, by their ids; -1 where nobody knows who it was."""
    both = [table["customer_id"].dictionary_encode().chunks for table in (touches, conversions)]
    everyone, names = _ranks(pa.chunked_array(both[0] + both[1]))
    touched, bought = np.split(everyone, [touches.num_rows])
    counts = [np.bincount(codes[codes >= 0], minlength=len(names)) for codes in (touched, bought)]
    # A word for "unknown" in place of a customer makes one person of thousands: each of their
    # touches before each of their conversions is more than any memory holds.
    pairs = counts[0] * counts[1]
    if len(names) and pairs.max() > MOST_PAIRS:
        most = int(pairs.argmax())
        raise InputError(
            f"{file.path}: customer_id {names[most]} has {counts[0][most]:,} touchpoints and"
            f" {counts[1][most]:,} conversions: if it stands for people whom nobody knows, leave it"
            " empty"
        )
    return touched, bought


def _refuse_doubles(file: TableFile, name: str, ids: pa.ChunkedArray) -> None:
    # Hashes first: to compare millions of texts takes far longer, and nearly all differ in these.
    relation = file.con.from_arrow(pa.table({"id": ids}))
    hashes = relation.project("hash(id) as hash").fetchnumpy()["hash"]
    ordered = np.sort(hashes)
    alike = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(alike):
        return
    key = "touchpoint_id" if name == "touchpoints" else "conversion_id"
    seen: dict[str, int] = {}
    for row in np.flatnonzero(np.isin(hashes, alike)).tolist():
        text = ids[row].as_py()
        if text in seen:
            raise InputError(
                f"{file.place(row)}: the {name} have more than one row of the {key} {text}: each"
                f" needs one of its own (the first is {file.line(seen[text])})"
            )
        seen[text] = row


def _refuse_separator(file: TableFile, channels: list[str], codes: Codes) -> None:
    for place, channel in enumerate(channels):
        if SEPARATOR in channel:
            row = int(np.flatnonzero(codes == place)[0])
            raise InputError(
                f"{file.place(row)}: Channel {channel!r} contains '{SEPARATOR}', which separates"
                " channels in a path: rename it"
            )


def _price(file: TableFile, table: pa.Table) -> tuple[Integers, list[str]]:
    """Values in minor units: as they are, or by the decimals of the currency (two without one)."""
    given = {"value", "value_minor"} & set(file.columns)
    if len(given) == 2:
        raise InputError(f"{file.path} has both value and value_minor: leave one out")
    if not given:
        return np.zeros(table.num_rows, dtype=np.int64), []
    (name,) = given
    minor = table["value_minor"]
    if name == "value":
        minor = _in_minor(file, table)
        too_large = pc.and_(pc.is_null(minor), pc.is_valid(table["value"])).to_numpy()
        for row in np.flatnonzero(too_large)[:1].tolist():
            raise InputError(
                f"{file.place(row)}: value {table['value'][row]} is too large: in minor units it"
                " must fit 64 bits"
            )
    values = pc.fill_null(minor, 0).to_numpy()
    if np.abs(values.astype(np.float64)).sum() > MOST_MINOR:
        raise InputError(f"{file.path}: {name} is too large: all together must fit 64 bits")
    if not minor.null_count:
        return values, []
    return values, [f"Conversions without {name}, counted as 0: {minor.null_count:,}"]


def _in_minor(file: TableFile, table: pa.Table) -> pa.ChunkedArray:
    with (SEEDS / "currencies.csv").open(encoding="utf-8") as stream:
        decimals = {row["currency_code"]: int(row["exponent"]) for row in csv.DictReader(stream)}
    for code in pc.unique(table["currency_code"].drop_null()).to_pylist():
        if code not in decimals:
            row = pc.index(table["currency_code"], code).as_py()
            raise InputError(
                f"{file.place(row)}: the conversions have the currency {code!r}, which is not in"
                f" seeds/currencies.csv ({', '.join(decimals)}): write one of these, or give"
                " value_minor"
            )
    codes = {code for code in decimals if decimals[code] != 2}
    cases = " ".join(f"when '{code}' then {10 ** decimals[code]}" for code in sorted(codes))
    minor = f"try_cast(round(value * case currency_code {cases} else 100 end) as bigint)"
    relation = file.con.from_arrow(table.select(["value", "currency_code"]))
    return relation.project(f"{minor} as minor").to_arrow_table()["minor"]


def _zone_note(*times: tuple[TableFile, str]) -> list[str]:
    """What to say where some times have a zone and others do not; the first thousand tell."""
    found: set[bool] = set()
    for file, column in times:
        name, kind = file.columns[column]
        if kind != "VARCHAR":
            found.add(kind == "TIMESTAMP WITH TIME ZONE")
            continue
        zoned = rf"regexp_matches(trim({name}), ':\d\d.*([Zz]|[+-]\d\d(:?\d\d)?)$')"
        rows = file.con.execute(
            f"select distinct {zoned} from (select {name} from {file.source} limit 1000)",
            file.parameters,
        ).fetchall()
        found |= {is_zoned for (is_zoned,) in rows}
    if found != {True, False}:
        return []
    return ["Some times say their zone and others do not: those without are read as UTC"]
