"""Rows a second from the bytes of JSON pages to committed Parquet, beside a floor.

The whole path: pages are cut into rows, keys and cursors read, rows that came before dropped,
those of erased people kept out, one load committed. The floor is what anybody would write first:
orjson parses a page and writes each row again, and the rows go to one Parquet file of the same
columns and compression. Each runs in a process of its own, in turns.

``python -m benchmarks.landing`` prints seconds of CPU and rows a second of each, and the share.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from connectors.core.http import Client
from connectors.core.paging import Run
from connectors.core.settings import Connection
from connectors.core.source import Api, Source, Stream, Window
from connectors.core.verbatim import split
from connectors.extract import extract
from warehouse.landing import suppression
from warehouse.landing.personal import Personal
from warehouse.landing.zone import SCHEMA, Landing

UNTIL = datetime(2026, 6, 1, tzinfo=UTC)
PATH = ("data", "orders", "nodes")
PERSONAL = Personal(
    "blank", who={"customer.id": "customer_id"}, carries={"email": "email"}, record="order_id"
)


def order(number: int, rng: random.Random, size: int) -> dict[str, Any]:
    """An order as a web shop tells it, of about so many bytes."""

    def money() -> dict[str, Any]:
        amount = {"amount": f"{rng.randrange(1, 100_000) / 100:.2f}", "currencyCode": "EUR"}
        return {"shopMoney": amount, "presentmentMoney": amount}

    found: dict[str, Any] = {
        "id": f"gid://shop/Order/{4_000_000_000 + number}",
        "name": f"#{number}",
        "email": f"person{rng.randrange(10**6)}@example.com",
        "updatedAt": f"2026-05-{1 + number % 30:02}T{number % 24:02}:00:{number % 60:02}Z",
        "customer": {"id": f"gid://shop/Customer/{rng.randrange(10**6)}"},
        "note": "Bitte beim Nachbarn klingeln, Tür links",
        "lines": [],
    }
    while len(json.dumps(found)) < size - 130:
        found["lines"].append({"id": rng.randrange(10**9), "sku": f"S{number}", "price": money()})
    return found


def pages(rows: int, size: int, per_page: int) -> list[bytes]:
    rng = random.Random(7)
    found = []
    for begin in range(0, rows, per_page):
        nodes = [order(number, rng, size) for number in range(begin, begin + per_page)]
        answer = {"data": {"orders": {"nodes": nodes, "pageInfo": {"hasNextPage": True}}}}
        found.append(json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode())
    return found


def ours(bodies: list[bytes], folder: Path) -> None:
    def read(api: Api, window: Window) -> Iterator[Run]:
        yield Run(lambda start: (split(body, PATH) for body in bodies))

    source = Source(
        name="shop",
        title="",
        owner="",
        schedule="",
        provides=(),
        settings=(),
        streams=(Stream("orders", "", read, "id", "updatedAt", personal=PERSONAL),),
        connect=lambda connection: Api(Client(""), connection),
    )
    extract(source, Connection(), str(folder), UNTIL)


def ours_with_erased_people(bodies: list[bytes], folder: Path) -> None:
    suppression.write(Landing(str(folder)), "one", [("email", "somebody@example.com")])
    ours(bodies, folder)


def floor(bodies: list[bytes], folder: Path) -> None:
    file = folder / "floor.parquet"
    with pq.ParquetWriter(file, SCHEMA, compression="zstd", compression_level=1) as writer:
        for body in bodies:
            rows = orjson.loads(body)["data"]["orders"]["nodes"]
            columns = [
                pa.array([row["id"] for row in rows]),
                pa.array([row["updatedAt"] for row in rows]),
                pa.array([UNTIL.replace(tzinfo=None)] * len(rows), SCHEMA.field(2).type),
                pa.array(["load"] * len(rows)),
                pa.array([orjson.dumps(row).decode() for row in rows]),
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=SCHEMA))


CONTENDERS = {each.__name__: each for each in (floor, ours, ours_with_erased_people)}


def measure(name: str, rows: int, size: int, per_page: int) -> dict[str, float]:
    """CPU and wall seconds of one contender, in this process, on one core."""
    pa.set_cpu_count(1)
    bodies = pages(rows, size, per_page)
    with tempfile.TemporaryDirectory() as folder:
        wall, cpu = time.perf_counter(), time.process_time()
        CONTENDERS[name](bodies, Path(folder))
        took = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
        (file,) = list(Path(folder).rglob("[!0]*.parquet"))
        assert pq.read_metadata(file).num_rows == rows
    return {**took, "bytes": sum(map(len, bodies)) / rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--size", type=int, default=1_600, help="bytes of a row")
    parser.add_argument("--per-page", type=int, default=250)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--one", choices=CONTENDERS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    shape = (given.rows, given.size, given.per_page)
    if given.one:
        print(json.dumps(measure(given.one, *shape)))
        return
    found: dict[str, list[dict[str, float]]] = {name: [] for name in CONTENDERS}
    words = ["--rows", given.rows, "--size", given.size, "--per-page", given.per_page, "--one"]
    for _ in range(given.runs):
        for name, runs in found.items():
            command = [sys.executable, "-m", "benchmarks.landing", *map(str, words), name]
            runs.append(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))
    cpu = {name: median(run["cpu"] for run in runs) for name, runs in found.items()}
    size = next(iter(found.values()))[0]["bytes"]
    print(f"{given.rows:,} rows of {size:,.0f} bytes, {given.per_page} a page, {given.runs} runs")
    for name, seconds in cpu.items():
        rate, share = given.rows / seconds, cpu["floor"] / seconds
        print(f"{name:24} {seconds:6.2f} CPU s {rate:10,.0f} rows a second {share:6.0%} of floor")


if __name__ == "__main__":
    main()
