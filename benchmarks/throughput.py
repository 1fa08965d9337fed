"""What a load costs, source by source, beside a floor.

A simulated vendor's answers are recorded once. Then a load of 100,000 rows and more runs from the
recording, with each stream's answers read again and again as those of other windows: all but the
network and its pace, from the bytes of the answers to one committed Parquet file for each stream.
The floor is what anybody would write first: orjson parses each of these answers and writes each of
its rows again, and the rows go to a Parquet file of the same columns, compression and groups. It
lands less than we do where a source adds to its rows what they belong to (an account, a counter),
so there is another floor, of the same work: orjson parses the same answers and writes the rows that
we land, which it is handed as objects, whatever it would cost to make them. All on one core, in
turns. A small world has few rows a day of a report, few answers to a survey, one
guest of an appointment; those answers are filled up to a page with rows of the same shape, or what
is measured would be the cost of a request.

``python -m benchmarks.throughput`` prints CPU seconds of each source and our speed beside that of
each floor; sources that answer in other files than JSON have no floor.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import cycle, islice
from pathlib import Path as Folder
from statistics import median
from typing import Any
from unittest.mock import patch

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from requests.structures import CaseInsensitiveDict

from connectors.core.budget import Budget
from connectors.core.http import Client
from connectors.core.paging import Run
from connectors.core.settings import Connection
from connectors.core.source import Source, Stream, Window
from connectors.core.verbatim import Page, Path
from connectors.extract import extract
from connectors.registry import SOURCES
from demo import world
from demo.serving import running
from demo.vendors import connections
from warehouse.landing.zone import GROUP_ROWS, SCHEMA

AT = pa.scalar(0, SCHEMA.field(2).type)
PAGE = 500  # rows of a report's page
FEWEST = 5  # rows of an answer that is a report's page, not a list of accounts
# Other pages to be filled: by source and stream what their address has in it, and their rows. Of a
# Typeform page one is left out: behind a full one, another would be asked for.
FULL = {
    "calendly": {"invitees": ("/invitees", 100)},
    "surveymonkey": {"responses": ("/bulk", 100), "recipients": ("/recipients", 1000)},
    "tiktok_ads": {"campaign_reports": ("/report/", 1000)},
    "typeform": {"responses": ("/responses", 999), "partial_responses": ("/responses", 999)},
}


@dataclass(frozen=True)
class Answer:
    """As much of an answer as the client reads, and where its rows are."""

    status_code: int
    headers: CaseInsensitiveDict[str]
    body: bytes
    rows: Path | None


@dataclass
class Tape:
    """Answers by what was asked for."""

    answers: dict[str, Answer] = field(default_factory=dict)

    @contextmanager
    def recording(self, source: str, stream: Stream) -> Iterator[None]:
        report = ("", PAGE) if stream.report else ("", 0)
        where, size = FULL.get(source, {}).get(stream.name, report)
        key = stream.key if isinstance(stream.key, str) and not stream.report else ""
        fewest = FEWEST if stream.report else 1
        once, send, read = Client._once, Client._send, Client._body
        at: Path | None = None

        def asked(client: Client, method: str, url: str, rows: Path | None, *how: Any) -> Page:
            nonlocal at
            at = rows
            return once(client, method, url, rows, *how)

        def heard(client: Client, method: str, url: str, signed: Any, kwargs: Any) -> Answer:
            answer = send(client, method, url, signed, kwargs)
            body = read(client, answer, url)
            if size and at and where in url:
                body = filled(body, at, size, fewest, key.rpartition("|")[2])
            said = Answer(answer.status_code, answer.headers, body, at)
            return self.answers.setdefault(_question(method, url, kwargs), said)

        with patch.object(Client, "_once", asked), self._played(heard):
            yield

    @contextmanager
    def playing(self) -> Iterator[None]:
        def told(client: Client, method: str, url: str, signed: Any, kwargs: Any) -> Answer:
            answer = self.answers[_question(method, url, kwargs)]
            client.answered = answer.headers
            return answer

        with self._played(told), patch.object(Budget, "take", lambda budget, cost=1.0: 0.0):
            yield

    @contextmanager
    def _played(self, send: Callable[..., Answer]) -> Iterator[None]:
        with (
            patch.object(Client, "_send", send),
            patch.object(Client, "_body", lambda client, answer, url: answer.body),
        ):
            yield


def _question(method: str, url: str, kwargs: Any) -> str:
    """A signed assertion tells the time, so it is another one each time."""
    form = kwargs.get("data")
    if isinstance(form, dict):
        kwargs = {**kwargs, "data": {**form, "assertion": None}}
    return orjson.dumps([method, url, kwargs], default=str, option=orjson.OPT_SORT_KEYS).decode()


def filled(body: bytes, path: Path, size: int, fewest: int, key: str) -> bytes:
    """An answer with its rows again and again, each with a mark, up to a page."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body
    rows = rows_of(answer, path)
    if len(rows) < fewest or not all(isinstance(row, dict) for row in rows):
        return body
    rows += [
        marked(row, number, key)
        for number, row in enumerate(islice(cycle(list(rows)), max(size - len(rows), 0)))
    ]
    return orjson.dumps(answer)


def marked(row: dict[str, Any], number: int, key: str) -> dict[str, Any]:
    """The same row with other content, and another key, where the source reads it."""
    if "dimensionValues" not in row:
        return {
            name: marked(value, number, key)
            if name == "dimensions"
            else f"{value}{number}"
            if name.endswith("_id") or name == key
            else value
            for name, value in row.items()
        } | {"mark": number}
    *others, last = row["dimensionValues"]
    return {**row, "dimensionValues": [*others, {"value": f"{last['value']} {number}"}]}


def floor(tape: Tape, folder: Folder, times: int, landed: list[Any] | None = None) -> None:
    """Land the rows of all answers so many times, or in their place the rows that are given."""
    texts: list[str] = []

    def write() -> None:
        same = [str(number) for number in range(len(texts))]
        columns = [
            pa.array(same),
            pa.array(same),
            pa.array([AT] * len(texts), AT.type),
            pa.array(["load"] * len(texts)),
            pa.array(texts),
        ]
        writer.write_table(pa.Table.from_arrays(columns, schema=SCHEMA))
        texts.clear()

    with pq.ParquetWriter(
        folder / "floor.parquet", SCHEMA, compression="zstd", compression_level=1
    ) as writer:
        for _ in range(times):
            given = iter(landed or ())
            for answer in tape.answers.values():
                rows = rows_of(orjson.loads(answer.body), answer.rows)
                if landed is not None:
                    rows = list(islice(given, len(rows)))
                texts += [orjson.dumps(row).decode() for row in rows]
                if len(texts) >= GROUP_ROWS:
                    write()
            texts += [orjson.dumps(row).decode() for row in given]
        write()


def rows_of(answer: Any, path: Path | None) -> list[Any]:
    """The array of rows in an answer; empty where there is none. A camera names its rows."""
    if path is None:
        return []
    for name in path:
        answer = answer.get(name, []) if isinstance(answer, dict) else []
    if path and isinstance(answer, dict):
        return list(answer.items())
    return answer if isinstance(answer, list) else []


def is_json(tape: Tape) -> bool:
    try:
        for answer in tape.answers.values():
            orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return False
    return True


def took(work: Callable[[Folder], Any]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        work(Folder(folder))
        return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=4_000)
    parser.add_argument("--rows", type=int, default=100_000, help="of each source, at least")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--source", action="append", choices=SOURCES)
    given = parser.parse_args()
    pa.set_cpu_count(1)
    with tempfile.TemporaryDirectory() as folder:
        world.generate(Folder(folder), persons=given.persons, days=30)
        until = datetime.fromisoformat(f"{world.DEFAULT_START + timedelta(days=30)}T00:00Z")
        with running(Folder(folder), now=until) as url:
            for name, said in connections(url).items():
                if given.source and name not in given.source:
                    continue
                where = Connection(said["host"], said["login"], said["password"], said["extra"])
                print(measured(name, where, until, given.runs, given.rows), flush=True)


def measured(name: str, where: Connection, until: datetime, runs: int, least: int) -> str:
    tape, source = Tape(), SOURCES[name]

    def load(folder: Folder, source: Source = source) -> int:
        return sum(result.rows for result in extract(source, where, str(folder), until))

    with tempfile.TemporaryDirectory() as folder:
        for stream in source.streams:
            with tape.recording(name, stream):
                extract(source, where, folder, until, streams=[stream.name])
    with tape.playing(), tempfile.TemporaryDirectory() as folder:
        once = load(Folder(folder))
        landed = rows_in(Folder(folder)) if is_json(tape) else []
    times = -(-least // max(once, 1)) if is_json(tape) else 1
    many = replace(source, streams=tuple(repeated(stream, times) for stream in source.streams))
    ours, others, same = [], [], []
    for _ in range(runs):
        with tape.playing():
            ours.append(took(lambda folder: load(folder, many)))
        if is_json(tape):
            others.append(took(lambda folder: floor(tape, folder, times)))
            same.append(took(lambda folder: floor(tape, folder, times, landed)))
    size = sum(len(answer.body) for answer in tape.answers.values()) / max(once, 1)
    line = f"{name:16} {once * times:9,} rows of {size:6,.0f} bytes  {median(ours):6.2f} CPU s"
    if not others:
        return f"{line}  (answers in other files than JSON)"
    own, of_same = median(others), median(same)
    return (
        f"{line}  floor {own:6.2f}  {own / median(ours):5.0%}"
        f"  of the same rows {of_same:6.2f}  {of_same / median(ours):5.0%}"
    )


def rows_in(folder: Folder) -> list[Any]:
    """The rows that a load landed."""
    files = sorted(folder.rglob("*.parquet"))
    columns = [pq.read_table(file).column("_payload") for file in files if "_quar" not in str(file)]
    return [orjson.loads(text) for column in columns for text in column.to_pylist() if text]


def repeated(stream: Stream, times: int) -> Stream:
    """A stream that is read so many times in one load."""

    def read(api: Any, window: Window) -> Iterator[Run]:
        for _ in range(times):
            yield from stream.read(api, window)

    return replace(stream, read=read)


if __name__ == "__main__":
    main()
