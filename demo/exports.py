"""Files that a company's own systems write: a hotel's property management, a dealer's management
system. They have no API. Each run of the demo finds a newer export in place of the last one.

A line's first column says what it is about. Amounts have a decimal comma, times are in UTC.
"""

# SQL is put together from our own column lists and a quoted moment.
# ruff: noqa: S608
from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from demo.vendors.core.sql import literal
from demo.vendors.core.vendor import Record
from demo.world.constants import WORLD_FILE

FOLDER, FILE = "exports", "export.csv"  # beside the company's configuration


@dataclass(frozen=True)
class System:
    """One that writes files. ``name`` is its connection's; ``lines`` is SQL for all that it knows
    at ``$now``; ``records`` are as a simulated vendor's."""

    name: str
    lines: str
    records: Mapping[str, Record]


def _time(column: str) -> str:
    return f"strftime({column}, '%Y-%m-%dT%H:%M:%SZ') AS"


def _money(column: str) -> str:
    return f"""CASE exponent WHEN 0 THEN ({column})::VARCHAR
        ELSE printf('%d,%02d', ({column}) // 100, ({column}) % 100) END AS"""


def _yes(condition: str) -> str:
    return f"CASE WHEN {condition} THEN 'yes' ELSE 'no' END AS"


_SITES = """
    SELECT 'site' AS record, store_code AS id, store_code AS site, name, city,
        region_code AS region, country_code AS country, time_zone, currency_code AS currency
    FROM shops_as_of($now)
"""
_CLIENTS = f"""
    SELECT 'client' AS record, client_no::VARCHAR AS id, {_time("created_at")} "at",
        client_no AS client, email, phone, first_name, last_name, country_code AS country
    FROM clients WHERE created_at <= $now
"""
_INVOICES = f"""
    SELECT 'invoice' AS record, i.invoice_no::VARCHAR AS id, {_time("i.issued_at")} "at",
        store_code AS site, client_no AS client, order_name AS reference,
        i.currency_code AS currency, line_no AS line, sku AS article, title AS description,
        quantity, {_money("quantity * unit_price_minor")} amount,
        {_money("l.discount_minor")} discount, {_money("l.tax_minor")} tax
    FROM invoices AS i JOIN invoice_lines AS l USING (invoice_no) JOIN shops USING (shop_no)
    JOIN currencies AS c ON c.currency_code = i.currency_code
    WHERE issued_at <= $now
"""
# Cancelled, away and there are told once they are so; of what is to come nothing is.
_HOTEL = f"""
    {_SITES} UNION ALL BY NAME {_CLIENTS} UNION ALL BY NAME
    SELECT 'reservation' AS record, reservation_no::VARCHAR AS id, {_time("r.created_at")} "at",
        store_code AS site, client_no AS client, confirmation AS reference, source,
        {_time("arrives_at")} begins, {_time("departs_at")} ends, party_size AS persons,
        r.currency_code AS currency, {_money("amount_minor")} amount, room_no AS room,
        {_yes("cancelled_at <= $now")} cancelled, {_yes("no_show_at <= $now")} no_show,
        CASE WHEN cancelled_at IS NULL AND no_show_at IS NULL AND arrives_at <= $now THEN 'yes'
            WHEN no_show_at <= $now THEN 'no' END AS came
    FROM reservations AS r JOIN shops USING (shop_no)
    JOIN currencies AS c ON c.currency_code = r.currency_code
    WHERE r.created_at <= $now
    UNION ALL BY NAME
    SELECT 'key' AS record, key_use_no::VARCHAR AS id, {_time("used_at")} "at",
        store_code AS site, client_no AS client, room_no AS room
    FROM key_uses JOIN shops USING (shop_no) WHERE used_at <= $now
    UNION ALL BY NAME {_INVOICES}
"""
_DEALER = f"""
    {_SITES} UNION ALL BY NAME {_CLIENTS} UNION ALL BY NAME
    SELECT 'drive' AS record, drive_no::VARCHAR AS id, {_time("created_at")} "at",
        store_code AS site, client_no AS client, model AS description, source,
        {_time("starts_at")} begins, {_time("ends_at")} ends,
        {_yes("cancelled_at <= $now")} cancelled, {_yes("no_show_at <= $now")} no_show,
        CASE WHEN cancelled_at IS NULL AND no_show_at IS NULL AND starts_at <= $now THEN 'yes'
            WHEN no_show_at <= $now THEN 'no' END AS came
    FROM test_drives JOIN shops USING (shop_no) WHERE created_at <= $now
    UNION ALL BY NAME {_INVOICES}
"""
_OF_ALL = {"customer": Record("client"), "order": Record("invoice")}

# By vertical: what the company's own system is.
SYSTEMS = {
    "dealer": System(
        "dealer_management",
        _DEALER,
        {**_OF_ALL, **{kind: Record(kind) for kind in ("booking", "test_drive")}},
    ),
    "hotel": System(
        "property_management",
        _HOTEL,
        {**_OF_ALL, **{kind: Record(kind) for kind in ("booking", "stay", "repeat_stay")}},
    ),
}


def write(system: System, world: Path, folder: Path, now: datetime) -> Path:
    """The export of that moment, whole, in place of an older one; ``folder`` is the company's.
    Answers where the file is."""
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    file, partial = folder / FOLDER / FILE, folder / FOLDER / f"{FILE}.partial"
    moment = now.replace(tzinfo=None)
    lines = system.lines.replace("$now", literal(moment))
    with duckdb.connect(str(world / WORLD_FILE), read_only=True) as connection:
        connection.execute(
            f"""COPY (FROM ({lines}) ORDER BY record, "at", id, line)
            TO {literal(str(partial))} (FORMAT csv, DELIMITER ';', HEADER)"""
        )
    os.utime(partial, (now.timestamp(), now.timestamp()))  # written in the world's time
    os.replace(partial, file)
    return file
