"""Two months of hourly loads over small streams: do files, disk and the time of a run stay level?

    python -m benchmarks.upkeep --days 60

Each simulated day has 24 loads per stream, one landing audit's scan, one query as staging asks, and
(unless ``--without``) the daily merge. The clock of load ids is simulated; nothing else is.
"""

from __future__ import annotations

import json
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer

from connectors.registry import SOURCES
from expectations import scan
from warehouse.landing import zone
from warehouse.landing.compaction import merge
from warehouse.landing.zone import Landing

START = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = 20  # of one load
_NEWEST = """
select count(*) from (
    select row_number() over (partition by _key order by _cursor desc, _load_id desc) as recency
    from read_parquet('{}') where _key is not null
) where recency = 1"""


def main(
    days: Annotated[int, typer.Option(help="Number of simulated days.")] = 60,
    streams: Annotated[int, typer.Option(help="Number of streams that load each hour.")] = 3,
    without: Annotated[bool, typer.Option(help="Leave out the daily merge.")] = False,
) -> None:
    """Print, every ten days, files, disk and milliseconds of CPU: other work does not count."""
    with tempfile.TemporaryDirectory() as folder:
        landing = Landing(str(Path(folder) / "landing"))
        places = [landing.stream("shopify", f"stream_{n}") for n in range(streams)]
        print("day files disk_kB load_ms scan_ms read_ms merge_ms", flush=True)
        for day in range(1, days + 1):
            began = time.process_time()
            for hour in range(24):
                _clock(START + timedelta(days=day, hours=hour))
                for place in places:
                    _load(place, day * 24 + hour)
            loads = (time.process_time() - began) / (24 * streams)
            scanned = _timed(lambda: _scan(landing, Path(folder) / "landed.duckdb"))
            read = _timed(lambda: _read(places)) / streams
            now = START + timedelta(days=day + 1)
            merged = 0.0
            if not without:
                merged = _timed(lambda until=now - timedelta(days=2): _merge(places, until))
            if day % 10 == 0 or day == 1:
                files = landing.files()
                sizes = sum(file.size for file in files) / 1000
                times = " ".join(f"{1000 * each:.1f}" for each in (loads, scanned, read, merged))
                print(day, len(files), round(sizes), times, flush=True)


def _clock(now: datetime) -> None:
    """Let loads begin at ``now``."""

    class Clock(datetime):
        """As the module knows it, but for the time it is."""

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return now

    vars(zone)["datetime"] = Clock


def _load(place: zone.StreamLanding, number: int) -> None:
    rows = [
        (str((number * 7 + n) % 5000), f"{number:06}", json.dumps({"id": n, "text": "x" * 200}))
        for n in range(ROWS)
    ]
    with place.lock(), place.begin({"since": "a"}) as load:
        load.add(rows)
        load.commit({"cursor": f"{number:06}"})


def _scan(landing: Landing, memory: Path) -> None:
    with duckdb.connect() as con:
        con.execute("set variable sources_in_use = ?", [sorted(SOURCES)])
        scan.collect(con, landing, {}, memory)


def _read(places: list[zone.StreamLanding]) -> None:
    for place in places:
        duckdb.sql(_NEWEST.format(f"{place.folder}/*.parquet")).fetchall()


def _merge(places: list[zone.StreamLanding], until: datetime) -> None:
    for place in places:
        merge(place, until)


def _timed(work: Any) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    typer.run(main)
