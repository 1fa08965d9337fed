"""Peak memory of a backfill: millions of rows, one load, one process.

Pages of 1,000 rows of a web shop's orders, each with a key of its own, go the whole path to one
committed file: of a vendor that states a total, and whose rows may come twice.

``python -m benchmarks.backfill`` prints the peak of resident memory, and that of a process that has
imported the same and landed one page.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.landing import PATH, PERSONAL, UNTIL, order
from connectors.core.http import Client
from connectors.core.paging import Run
from connectors.core.settings import Connection
from connectors.core.source import Api, Source, Stream, Window
from connectors.core.verbatim import Page, split
from connectors.extract import extract

PER_PAGE = 1_000


def pages(rows: int, size: int) -> Iterator[Page]:
    """The same page again and again, its keys counted on: making rows must not cost memory."""
    nodes = [order(number, random.Random(number), size) for number in range(PER_PAGE)]
    answer = {"data": {"orders": {"nodes": nodes, "pageInfo": {"hasNextPage": True}}}}
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    parts = text.split("gid://shop/Order/4000")
    for begin in range(0, rows, PER_PAGE):
        body = f"gid://shop/Order/{4_000 + begin // PER_PAGE}".join(parts)
        page = split(body.encode(), PATH)
        page.total = rows
        yield page


def backfill(rows: int, size: int) -> dict[str, float]:
    def read(api: Api, window: Window) -> Iterator[Run]:
        yield Run(lambda start: pages(rows, size))

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
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        extract(source, Connection(), folder, UNTIL)
        (file,) = list(Path(folder).rglob("[!0]*.parquet"))
        assert pq.read_metadata(file).num_rows == rows
    return {
        "cpu": time.process_time() - began,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--size", type=int, default=400, help="bytes of a row")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(backfill(given.rows, given.size)))
        return
    for rows in (PER_PAGE, given.rows):
        words = ["--one", "--rows", str(rows), "--size", str(given.size)]
        command = [sys.executable, "-m", "benchmarks.backfill", *words]
        told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        print(f"{rows:>10,} rows: {told['megabytes']:,.0f} MB at most, {told['cpu']:,.0f} CPU s")


if __name__ == "__main__":
    main()
