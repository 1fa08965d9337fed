"""Figures against the truth of a shop with three customers.

Ben is known by his address, his card and his phone. Anna gives another address each time, and Carl
pays in cash: what they do everybody's truth has, and no warehouse can know.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.business_score import BusinessScore, score_business
from demo.figures import Figure, wilson
from demo.served import ScoreError
from demo.world import schema_statements
from tests.demo.rows import put

CLOCK = datetime(2026, 3, 1, tzinfo=UTC)
ANNA, BEN, CARL, DORA = 1, 2, 3, 4
# Number, person, day, address: Anna's and Ben's until the clock, then what the days after it bring.
WEB = [
    (1, ANNA, "2026-01-05", "anna@a"), (2, ANNA, "2026-02-05", "anna@b"),
    (3, BEN, "2026-01-06", "ben@a"), (4, BEN, "2026-02-06", "ben@a"),
    (5, BEN, "2026-03-02", "BEN@a"), (6, BEN, "2026-03-03", "ben@a"),
    (7, BEN, "2026-03-03", "ben@a"), (8, ANNA, "2026-03-02", "anna@c"),
    (9, DORA, "2026-03-02", "dora@a"),
]  # fmt: skip
TILL = [
    ("T1", BEN, "2026-02-10"), ("C1", CARL, "2026-01-10"), ("C2", CARL, "2026-02-11"),
    ("C3", CARL, "2026-03-04"),
]  # fmt: skip
MARTS = """
CREATE SCHEMA restricted; CREATE SCHEMA intermediate; CREATE SCHEMA marts;
CREATE TABLE restricted.int_identity__observations AS
SELECT concat_ws(':', source_system, record_kind, record_id) AS record_key, * FROM (VALUES
    ('shopify', 'order', '1', 'email', 'anna@a'), ('shopify', 'order', '2', 'email', 'anna@b'),
    ('shopify', 'order', '3', 'email', 'ben@a'), ('shopify', 'order', '4', 'email', 'ben@a'),
    ('square', 'order', 'T1', 'email', 'ben@a'), ('ga4', 'browser', 'g1', 'email', 'ben@a'),
    ('store_sensors', 'app_device', 'd1', 'email', 'ben@a')
) AS t (source_system, record_kind, record_id, identifier_type, identifier_hash);
CREATE TABLE marts.fct_orders AS
SELECT source_system AS connection, true AS is_sale, ordered_at::DATE AS order_date,
    source_system || source_order_id AS order_id, * FROM (VALUES
    ('shopify', '1', 'web', 'a', TIMESTAMP '2026-01-05 10:00'),
    ('shopify', '2', 'web', 'b', '2026-02-05 10:00'),
    ('shopify', '3', 'web', 'ben', '2026-01-06 10:00'),
    ('shopify', '4', 'bopis', 'ben', '2026-02-06 10:00'),
    ('square', 'T1', 'till', 'ben', '2026-02-10 10:00'),
    ('square', 'C1', 'till', NULL, '2026-01-10 10:00'),
    ('square', 'C2', 'till', NULL, '2026-02-11 10:00')
) AS t (source_system, source_order_id, order_channel, customer_id, ordered_at);
CREATE TABLE marts.fct_cohort_retention AS FROM (VALUES
    (DATE '2026-01-01', 0, true, 2, 2), ('2026-01-01', 1, true, 2, 1),
    ('2026-01-01', 2, false, 2, 0), ('2026-02-01', 0, true, 1, 1), ('2026-02-01', 1, false, 1, 0)
) AS t (cohort_month, months_since, is_complete, cohort_customer_count, active_customer_count);
CREATE TABLE marts.rpt_ltv_models AS SELECT DATE '2026-02-28' AS until_date, 1.0 AS r,
    10.0 AS alpha_days, 0.000001 AS a, 1000000.0 AS b, 20 AS tested_days,
    3.0 AS tested_expected_count, 2 AS tested_actual_count, 0.8 AS sum_low_factor,
    5.0 AS sum_high_factor;
CREATE TABLE marts.fct_customer_ltv AS
SELECT DATE '2026-02-28' AS until_date, 1.0 AS predicted_purchase_count,
    10.0 AS predicted_purchase_amount, * FROM (VALUES
    (1, DATE '2026-01-05', DATE '2026-01-05'), (1, '2026-02-05', '2026-02-05'),
    (3, '2026-01-06', '2026-02-10')
) AS t (purchase_day_count, first_order_date, last_order_date);
CREATE TABLE intermediate.int_web__sessions AS FROM (VALUES
    ('ga4:browser:g1', 'ga4', 'ga4', TIMESTAMP '2026-02-01 10:00', true, NULL,
        'organic'),
    ('ga4:browser:g2', 'ga4', 'ga4', '2026-02-01 10:00', false, NULL, NULL)
) AS t (record_key, connection, source_system, started_at, has_analytics_consent, excluded_reason,
    medium);
CREATE TABLE marts.fct_customer_journeys AS FROM (VALUES
    ('till_order', 'organic_search > store'), ('till_order', 'booking'), ('till_order', NULL),
    ('web_order', 'store > direct'), ('web_order', 'direct'), ('web_order', NULL),
    ('web_order', NULL)
) AS t (conversion_type, channel_path);
CREATE TABLE marts.fct_store_visits AS SELECT 'store_sensors' AS source_system;
CREATE TABLE marts.fct_store_daily AS
SELECT 'S001' AS store_id, d::DATE AS business_date, 10 AS footfall_count,
    4 + day(d) % 3 AS comparable_receipt_count
FROM range(TIMESTAMP '2026-02-01', TIMESTAMP '2026-02-10', INTERVAL 1 DAY) AS r (d);
CREATE TABLE marts.fct_inventory_daily AS FROM (VALUES
    ('MUG', 'S001', DATE '2026-02-09', false), ('MUG', 'S001', '2026-02-10', true),
    ('MUG', 'S001', '2026-02-11', true), ('MUG', 'S001', '2026-03-01', false),
    ('CUP', 'S001', '2026-02-10', false)
) AS t (product_code, store_id, stock_date, is_stock_out);
"""


def make(folder: Path, *, marts: str = MARTS) -> tuple[Path, Path, Path]:
    files = folder / "world.duckdb", folder / "truth.duckdb", folder / "warehouse.duckdb"
    for file, part in zip(files, ("world", "truth"), strict=False):
        with duckdb.connect(str(file)) as connection:
            connection.execute(schema_statements(part))
            (live if part == "world" else know)(connection)
    with duckdb.connect(str(files[2])) as connection:
        connection.execute(marts)
    return files


def live(world: duckdb.DuckDBPyConnection) -> None:
    put(world, "world_info", start_date="2026-01-01", days=59, extra_days=5)
    put(world, "currencies", currency_code="EUR", exponent=2, eur_per_unit=1)
    put(world, "shops", shop_no=1, store_code="S001", time_zone="Europe/Berlin")
    for number, _, day, email in WEB:
        put(
            world, "web_orders", order_no=number, email=email, currency_code="EUR",
            created_at=f"{day} 10:00", total_minor=1000,
        )  # fmt: skip
        put(world, "web_order_lines", order_no=number, quantity=1, unit_price_minor=1000)
    for name, _, day in TILL:
        moment = f"{day} 10:00"
        put(
            world, "till_orders", order_id=name, shop_no=1, currency_code="EUR", state="COMPLETED",
            created_at=moment, visible_at=moment,
        )  # fmt: skip
        put(world, "till_order_lines", order_id=name, quantity=1, unit_price_minor=1000)
    # Eleven people a day pass the door, the staff's one among them.
    world.execute(
        """
        INSERT INTO door_counts BY NAME
        SELECT '1' AS counter_serial, 1 AS shop_no, d AS interval_start,
            d + INTERVAL 1 HOUR AS interval_end, 11 AS in_count, 11 AS out_count, d AS updated_at
        FROM range(TIMESTAMP '2026-02-01 10:00', TIMESTAMP '2026-02-10', INTERVAL 1 DAY) AS r (d)
        """
    )
    for number, is_machine in ((1, False), (2, True)):
        put(
            world, "message_events", profile_no=number, event_kind="clicked", is_machine=is_machine,
            occurred_at="2026-01-01 10:00", visible_at="2026-01-01 10:00",
        )  # fmt: skip
    for number, sku, retired in ((1, "MUG", None), (2, "JUG", None), (3, "CUP", "2026-02-20")):
        put(
            world, "products", product_no=number, sku=sku, created_at="2025-01-01",
            retired_at=retired,
        )  # fmt: skip
        for moment, quantity in (("02-01", 2), ("02-10", -2), ("02-12", 3)):
            put(
                world, "stock_moves", product_no=number, shop_no=1, quantity=quantity,
                moved_at=f"2026-{moment} 10:00", reason="sale",
            )  # fmt: skip


def know(truth: duckdb.DuckDBPyConnection) -> None:
    owned = [("web_order", str(number), person) for number, person, *_ in WEB]
    owned += [("till_order", name, person) for name, person, _ in TILL]
    for kind, record, person in owned:
        put(truth, "conversions", kind=kind, record_id=record, person_id=person)
    owned += [("ga_client", "g1", BEN), ("ga_client", "g2", CARL), ("app_device", "d1", BEN)]
    owned += [("message_profile", "1", CARL), ("message_profile", "2", CARL)]
    for kind, record, person in owned:
        put(truth, "identifiers", system=kind, record_id=record, person_id=person)
    came = [(BEN, "d1", "04", False), (ANNA, None, "04", False)]
    came += [(None, None, f"{day:02}", True) for day in range(1, 10)]
    for person, device, day, is_staff in came:
        put(
            truth, "visits", person_id=person, shop_no=1, device_id=device, is_staff=is_staff,
            arrived_at=f"2026-02-{day} 10:00",
        )  # fmt: skip


@pytest.fixture
def found(tmp_path: Path) -> BusinessScore:
    return score_business(*make(tmp_path), CLOCK)


def of(found: BusinessScore, name: str) -> Figure:
    (figure,) = (figure for figure in found.figures if figure.name.startswith(name))
    return figure


def test_retention_is_of_those_whom_identifiers_tie(found: BusinessScore) -> None:
    """Of Anna's first address and Ben, Ben was back; of the people all three."""
    figure = of(found, "Retention after 1 month")
    assert (figure.of, figure.published, figure.low, figure.high) == (2, *wilson(1, 2))
    assert (figure.knowable, figure.everybody) == (0.5, 1)
    assert figure.is_held
    assert len([one for one in found.figures if one.name.startswith("Retention")]) == 1


def test_purchases_are_those_of_the_days_after_the_newest_sale(found: BusinessScore) -> None:
    """Ben is expected to buy at (1 + 2) / (10 + 53) a day, Anna's two addresses at 1 / (10 + 54)
    and 1 / (10 + 23). He bought on two days, she on one, Carl on one; Dora is new."""
    figure = of(found, "Purchases")
    assert "5 days" in figure.name
    assert figure.published == pytest.approx(5 * (3 / 63 + 1 / 64 + 1 / 33), rel=1e-3)
    assert (figure.knowable, figure.everybody) == (2, 4)
    chance = 1.96**2 * figure.published
    assert figure.high == pytest.approx(
        figure.published + ((4 * figure.published) ** 2 + chance) ** 0.5, rel=1e-3
    )
    assert figure.low == 0  # of so few, chance alone may leave none
    assert (figure.is_held, figure.is_due) == (True, True)
    revenue = of(found, "Revenue")
    assert revenue.published == pytest.approx(10 * figure.published)
    assert (revenue.knowable, revenue.everybody) == (30, 50)


def test_a_path_between_web_and_shop_is_known_where_its_ends_are(found: BusinessScore) -> None:
    """Of three till orders Ben's and Carl's second came after a session, of which Carl's was not
    agreed to, and Carl's first after a message, whose click has not landed; of four web orders one
    each of Ben and Anna after a visit, of which hers was not heard. An appointment is none."""
    to_store, to_web = of(found, "Web to store"), of(found, "Store to web")
    assert (to_store.of, to_store.published) == (3, pytest.approx(1 / 3))
    assert (to_store.knowable, to_store.everybody) == (pytest.approx(1 / 3), 1)
    assert (to_web.of, to_web.published, to_web.knowable, to_web.everybody) == (4, 0.25, 0.25, 0.5)


def test_receipts_are_shared_among_those_whom_doors_counted(found: BusinessScore) -> None:
    """45 receipts of nine days and 90 people; two of them were customers."""
    figure = of(found, "Receipts")
    assert (figure.published, figure.knowable, figure.everybody) == (0.5, 0.5, 22.5)
    # The days' residuals are -1, 0 and 1, three of each; of eight degrees of freedom 2.306.
    assert figure.high - 0.5 == pytest.approx(2.306 * (9 / 8 * 6) ** 0.5 / 90, rel=1e-4)


def test_what_ran_out_is_what_a_level_tells(found: BusinessScore) -> None:
    """The mug on two days; of the jug there is no level, and the cup is sold no more. The clock's
    own day is not over."""
    stock = found.stock
    assert stock
    assert (stock.levels, stock.out, stock.found, stock.matched) == (4, 2, 2, 2)
    assert stock.every_out == 6
    assert (stock.is_held, found.wrong) == (True, [])
    wrong = replace(found, stock=replace(stock, found=3))
    assert wrong.wrong == [wrong.stock]


def test_a_figure_outside_its_interval_is_wrong_unless_a_model_may_be(found: BusinessScore) -> None:
    figure = replace(of(found, "Retention"), knowable=1.0)
    assert BusinessScore((figure,)).wrong == [figure]
    assert BusinessScore((replace(figure, is_due=False),)).wrong == []
    assert "50.0%" in str(figure)


def test_a_warehouse_without_such_marts_has_no_score(tmp_path: Path) -> None:
    files = make(tmp_path, marts="CREATE SCHEMA marts")
    assert score_business(*files, CLOCK) == BusinessScore()
    with pytest.raises(ScoreError, match="no file"):
        score_business(files[0], files[1], tmp_path / "none", CLOCK)


@given(st.integers(1, 10_000), st.data())
def test_a_share_lies_within_its_interval(of: int, data: st.DataObject) -> None:
    up = data.draw(st.integers(0, of))
    share, low, high = wilson(up, of)
    assert -1e-9 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1 + 1e-9
