"""What a load costs, source by source, beside a floor.

A simulated vendor's answers are recorded once. Then the same load runs from the recording: all but
the network, from the bytes of the answers to one committed Parquet file for each stream. The floor
is what anybody would write first: orjson parses an answer and writes each of its rows again, and
the rows go to a Parquet file of the same columns and compression. Both on one core, in turns.

``python -m benchmarks.throughput`` prints CPU seconds of each source and the share of the floor's
speed; sources that answer in other files than JSON have no floor.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from requests.structures import CaseInsensitiveDict

from connectors.core.http import Client
from connectors.core.settings import Connection
from connectors.extract import extract
from connectors.registry import SOURCES
from demo import world
from demo.serving import running
from demo.vendors import connections
from warehouse.landing.zone import SCHEMA

AT = pa.scalar(0, SCHEMA.field(2).type)


@dataclass(frozen=True)
class Answer:
    """As much of an answer as the client reads."""

    status_code: int
    headers: CaseInsensitiveDict[str]
    body: bytes


@dataclass
class Tape:
    """Answers by what was asked for."""

    answers: dict[str, Answer] = field(default_factory=dict)

    @contextmanager
    def recording(self) -> Iterator[None]:
        send, read = Client._send, Client._body

        def heard(client: Client, method: str, url: str, signed: Any, kwargs: Any) -> Answer:
            answer = send(client, method, url, signed, kwargs)
            body = read(client, answer, url)
            said = Answer(answer.status_code, answer.headers, body)
            self.answers[_question(method, url, kwargs)] = said
            return said

        with self._played(heard):
            yield

    @contextmanager
    def playing(self) -> Iterator[None]:
        def told(client: Client, method: str, url: str, signed: Any, kwargs: Any) -> Answer:
            answer = self.answers[_question(method, url, kwargs)]
            client.answered = answer.headers
            return answer

        with self._played(told):
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
    return json.dumps([method, url, kwargs], sort_keys=True, default=str)


def floor(tape: Tape, folder: Path) -> int:
    """Land the rows of all answers; returns how many there are."""
    count = 0
    with pq.ParquetWriter(
        folder / "floor.parquet", SCHEMA, compression="zstd", compression_level=1
    ) as writer:
        for answer in tape.answers.values():
            rows = longest(orjson.loads(answer.body))
            if not rows:
                continue
            same = [str(number) for number in range(len(rows))]
            columns = [
                pa.array(same),
                pa.array(same),
                pa.array([AT] * len(rows), AT.type),
                pa.array(["load"] * len(rows)),
                pa.array([orjson.dumps(row).decode() for row in rows]),
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=SCHEMA))
            count += len(rows)
    return count


def longest(value: Any, depth: int = 0) -> list[Any]:
    """The longest array of an answer that is no part of a row."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict) or depth == 4:
        return []
    return max((longest(part, depth + 1) for part in value.values()), key=len, default=[])


def is_json(tape: Tape) -> bool:
    try:
        for answer in tape.answers.values():
            orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return False
    return True


def took(work: Callable[[Path], Any]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        work(Path(folder))
        return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=8_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--source", action="append", choices=SOURCES)
    given = parser.parse_args()
    pa.set_cpu_count(1)
    with tempfile.TemporaryDirectory() as folder:
        world.generate(Path(folder), persons=given.persons, days=30)
        until = datetime.fromisoformat(f"{world.DEFAULT_START + timedelta(days=30)}T00:00Z")
        with running(Path(folder), now=until) as url:
            for name, said in connections(url).items():
                if given.source and name not in given.source:
                    continue
                where = Connection(said["host"], said["login"], said["password"], said["extra"])
                print(measured(name, where, until, given.runs), flush=True)


def measured(name: str, where: Connection, until: datetime, runs: int) -> str:
    tape = Tape()

    def load(folder: Path) -> int:
        return sum(result.rows for result in extract(SOURCES[name], where, str(folder), until))

    with tape.recording(), tempfile.TemporaryDirectory() as folder:
        rows = load(Path(folder))
    ours, others = [], []
    for _ in range(runs):
        with tape.playing():
            ours.append(took(load))
        if is_json(tape):
            others.append(took(lambda folder: floor(tape, folder)))
    size = sum(len(answer.body) for answer in tape.answers.values()) / max(rows, 1)
    line = f"{name:16} {rows:8,} rows of {size:6,.0f} bytes  {median(ours):6.2f} CPU s"
    if not others:
        return f"{line}  (answers in other files than JSON)"
    return f"{line}  floor {median(others):6.2f}  {median(others) / median(ours):5.0%} of its speed"


if __name__ == "__main__":
    main()
