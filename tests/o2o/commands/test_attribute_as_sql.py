"""``o2o attribute`` says what the warehouse's SQL says, row for row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics.attribution.touches import in_order
from o2o.commands import attribute_tables
from o2o.commands.attribute_rows import SCHEMA
from tests.o2o.commands import attribution_in_sql

VARIABLES = {"time_decay_half_life_days": 3.5, "reporting_time_zone": "Europe/Berlin"}
HOUR = 3_600_000_000


@pytest.fixture(scope="module")
def sql(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return attribution_in_sql.compiled(tmp_path_factory.mktemp("compiled"), VARIABLES)


def draw(seed: int) -> tuple[pa.Table, pa.Table]:
    """A small retailer with everything that may be odd: strangers, no consent, refunds, touches at
    the same moment, types without a window, amounts of all sizes."""
    random = np.random.default_rng(seed)
    touches, sales = 600, 150
    customers = np.array([None, *(f"p{i}" for i in range(40))], dtype=object)
    start = 1_772_000_000_000_000
    types = ["paid_click", "paid_view", "email_click", "direct_visit", "store_visit", "pigeon"]
    channels = ["Direct", "direct", "search", "social", "email", "video"]
    values = random.integers(-3000, 50_000, sales)
    values[:4] = 4_000_001, -9_876_543_210, 123_456_789_012_345_678, 0
    return (
        pa.table(
            {
                "touchpoint_id": [f"t{i}" for i in random.permutation(touches)],
                "customer_id": pa.array(random.choice(customers, touches), pa.string()),
                # A touch at the moment of a conversion is on which side the ids say: keep apart.
                "touched_at": pa.array(
                    start + random.integers(0, 1500, touches) * HOUR, pa.timestamp("us")
                ),
                "channel": random.choice(channels, touches),
                "touch_type": random.choice(types, touches),
                "campaign_id": pa.array(random.choice([None, "a", "b"], touches), pa.string()),
                "has_analytics_consent": random.random(touches) < 0.9,
            }
        ),
        pa.table(
            {
                "conversion_id": [f"c{i}" for i in random.permutation(sales)],
                "customer_id": pa.array(random.choice([*customers, "x"], sales), pa.string()),
                "converted_at": pa.array(
                    start + random.integers(0, 1500, sales) * HOUR + HOUR // 2, pa.timestamp("us")
                ),
                "conversion_type": random.choice(
                    ["web_order", "till_order", "store_visit", "dance"], sales
                ),
                "value_minor": values,
                "currency_code": pa.array(random.choice(["EUR", None], sales), pa.string()),
                "has_analytics_consent": random.random(sales) < 0.9,
            }
        ),
    )


def ordered(table: pa.Table) -> pa.Table:
    keys = ("conversion_id", "attribution_model", "touchpoint_id")
    return table.sort_by([(key, "ascending") for key in keys])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("at_a_time", [50, 1_000_000])
def test_rows_are_those_of_the_warehouse(
    tmp_path: Path, sql: dict[str, str], monkeypatch: pytest.MonkeyPatch, seed: int, at_a_time: int
) -> None:
    monkeypatch.setattr(attribute_tables, "TOUCHES_AT_A_TIME", at_a_time)
    touches, sales = draw(seed)
    expected = attribution_in_sql.rows(tmp_path, sql, touches, sales)
    pq.write_table(touches, tmp_path / "touches.parquet")
    pq.write_table(sales, tmp_path / "sales.parquet")
    written: list[pa.Table] = []
    found = attribute_tables.attribute(
        tmp_path / "touches.parquet", tmp_path / "sales.parquet",
        half_life_days=3.5, time_zone="Europe/Berlin", write=written.append,
    )  # fmt: skip
    told = ordered(pa.concat_tables(written))
    expected = ordered(expected.cast(SCHEMA))
    for name in SCHEMA.names:
        assert told[name].to_pylist() == expected[name].to_pylist(), name
    reasons = set(told["unattributed_reason"].to_pylist())
    assert reasons == {None, "no_consent", "anonymous", "no_match", "no_touch_in_window"}
    shares = sum(share for *_, share, _ in found.summary)
    assert shares == pytest.approx(len(sales) * len(found.models))


@pytest.mark.parametrize("step", [1, 1_000, 1_000_000, HOUR])
@pytest.mark.parametrize("span", [1_000, 10**6, 10**14])
def test_rows_are_in_the_order_of_customer_time_and_id(step: int, span: int) -> None:
    random = np.random.default_rng(0)
    count = 3_000
    customers = random.integers(-1, 40, count).astype(np.int32)
    customers[customers == 39] = 39_000_000  # as many as need more bits
    times = 1_700_000_000_000_000 + random.integers(0, max(2, span // step), count) * step
    ids = pa.chunked_array([[f"t{i}" for i in random.permutation(count)]])
    wanted = sorted(range(count), key=lambda row: (customers[row], times[row], ids[row].as_py()))
    assert in_order(customers, times, ids).tolist() == wanted
