"""What is computed between two parts of a build."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics.attribution.solve import INPUT
from o2o.steps.stages import STAGES, channel_weights, land
from warehouse.landing.zone import Landing


class Tables:
    """A reader of one table, whatever it is called."""

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        columns = list(zip(*rows, strict=True)) or [()] * len(INPUT)
        self.table = pa.table(
            [pa.array(c, f.type) for c, f in zip(columns, INPUT, strict=True)], INPUT
        )

    def query(self, query: str) -> pa.Table:
        return self.table


PATHS = [
    ("web_order", "A", True, 1, 100),
    ("web_order", "A > B", True, 2, 500),
    ("web_order", "B", False, 3, 0),
    ("store_visit", "A", False, 9, 0),
]


def land_weights(rows: list[tuple[Any, ...]], landing: Landing) -> int:
    return land("channel_weights", channel_weights(Tables(rows)), landing)


def landed(landing: Landing) -> list[tuple[Any, ...]]:
    """Loads with rows, and their payloads' weights of one model."""
    return duckdb.sql(
        f"""select _payload->>'channel', _payload->>'weight'
        from '{landing.url}/o2o/channel_weights/*.parquet'
        where _key like 'web_order|markov_1|%' order by all"""
    ).fetchall()


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    landing = Landing(str(tmp_path))
    landing.ensure_stream("o2o", "channel_weights")
    return landing


def test_weights_land_as_exact_decimals_and_sum_to_one(landing: Landing) -> None:
    rows = land_weights(PATHS, landing)
    assert rows == 2 * 6  # channels of the one type that converted, in each solved model
    found = landed(landing)
    assert [channel for channel, _ in found] == ["A", "B"]
    assert all(len(weight) == len("0.") + 12 for _, weight in found)
    assert sum(int(weight.replace(".", "")) for _, weight in found) == pytest.approx(10**12, abs=2)


def test_the_same_weights_do_not_land_twice_and_others_replace_them(landing: Landing) -> None:
    stream = landing.stream("o2o", "channel_weights")
    land_weights(PATHS, landing)
    first = stream.load_ids()
    land_weights(list(reversed(PATHS)), landing)
    assert stream.load_ids() == first
    land_weights(PATHS[:1], landing)
    assert len(stream.load_ids()) == 1
    assert stream.load_ids() != first
    assert landed(landing) == [("A", "1.000000000000")]


def test_nothing_converted_is_a_load_of_nothing(landing: Landing) -> None:
    land_weights(PATHS, landing)
    assert land_weights(PATHS[2:], landing) == 0
    (load,) = landing.stream("o2o", "channel_weights").load_ids()
    file = next(Path(landing.url).rglob(f"*{load}*.parquet"))
    assert pq.read_table(file)["_key"].to_pylist() == [None]


def test_every_result_names_a_model_that_exists() -> None:
    models = {file.stem for file in Path("dbt_project/models").rglob("*.sql")}
    assert all(STAGES)
    for each in chain.from_iterable(STAGES):
        assert each.reads in models
        assert f"stg_o2o__{each.stream}" in models
