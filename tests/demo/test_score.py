"""The score against worlds small enough to count by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.registry import SOURCES, id_kinds
from demo.identity_score import OBSERVATIONS_SCHEMA, compare_clusters
from demo.score import as_causes, distance, score
from demo.served import ScoreError, served
from demo.vendors import shopify, vendors
from demo.vendors.core.vendor import Record, Vendor
from demo.world import schema_statements

OTHER_ID = "'X' || record_id"

_WAREHOUSE = f"""
CREATE SCHEMA IF NOT EXISTS intermediate;
CREATE SCHEMA IF NOT EXISTS {OBSERVATIONS_SCHEMA};
CREATE SCHEMA marts;
CREATE TABLE {OBSERVATIONS_SCHEMA}.int_identity__observations AS
SELECT concat_ws(':', source_system, record_kind, record_id) AS record_key, * FROM (VALUES
    ('shopify', 'customer', '1', 'email', 'anna'),
    ('square', 'customer', 'C1', 'email', 'anna'),
    ('square', 'customer', 'C1', 'phone', 'family'),
    ('square', 'customer', 'C2', 'phone', 'family'),
    ('ga4', 'browser', 'g1', 'browser_id', 'g1'),
    ('ga4', 'browser', 'tablet', 'browser_id', 'tablet')
) AS t (source_system, record_kind, record_id, identifier_type, identifier_hash);
-- Anna's two records and, wrongly, Ben's share a customer; g1 (Ben's) was left alone.
CREATE TABLE intermediate.int_identity__persons AS
SELECT concat_ws(':', source_system, record_kind, record_id) AS record_key, * FROM (VALUES
    ('shopify', 'customer', '1', 'k1'),
    ('square', 'customer', 'C1', 'k1'),
    ('square', 'customer', 'C2', 'k1'),
    ('ga4', 'browser', 'tablet', 'k1')
) AS t (source_system, record_kind, record_id, customer_id);
CREATE TABLE marts.fct_orders AS FROM (VALUES
    ('shopify-11', 'shopify', '11'), ('square-T1', 'square', 'T1')
) AS t (order_id, source_system, source_order_id);
CREATE TABLE marts.fct_attribution AS FROM (VALUES
    ('last', 'shopify-11', 'web_order', 'k1', 'shopping', 'ads:7:900', 1.0, 3000),
    ('last', 'square-T1', 'till_order', NULL, 'unattributed', NULL, 1.0, 1000),
    ('linear', 'shopify-11', 'web_order', 'k1', 'shopping', 'ads:7:900', 0.5, 1500),
    ('linear', 'shopify-11', 'web_order', 'k1', 'direct', NULL, 0.5, 1500),
    ('linear', 'square-T1', 'till_order', NULL, 'unattributed', NULL, 1.0, 1000),
    ('last', 'visit-1', 'store_visit', 'k1', 'video', 'ads:7:901', 1.0, 0)
) AS t (attribution_model, conversion_id, conversion_type, customer_id, channel, campaign_id,
    credit_share, credit_reporting_minor);
CREATE TABLE marts.dim_campaigns AS FROM (VALUES
    ('ads:7:900', '900'), ('ads:7:901', '901')
) AS t (campaign_id, platform_campaign_id);
CREATE TABLE marts.fct_store_visits AS FROM (VALUES
    ('v1', 'S001', TIMESTAMP '2026-03-01 10:00:20', TIMESTAMP '2026-03-01 10:20:00'),
    ('v2', 'S001', TIMESTAMP '2026-03-01 10:04:00', TIMESTAMP '2026-03-01 10:20:00'),
    ('v3', 'S002', TIMESTAMP '2026-03-01 12:00:00', TIMESTAMP '2026-03-01 12:30:00')
) AS t (visit_id, store_id, arrived_at, left_at);
CREATE TABLE marts.rpt_calibrated_attribution AS FROM (VALUES
    ('last', 'web_order', 'shopping', true, 1000),
    ('last', 'web_order', 'direct', false, 2000),
    ('last', 'till_order', 'unattributed', false, 1000),
    ('last', 'store_visit', 'video', false, 0)
) AS t (attribution_model, conversion_type, channel, is_calibrated,
    calibrated_credit_reporting_minor);
"""

_TRUTH = """
INSERT INTO identifiers VALUES
    ('web_customer', '1', 1), ('till_customer', 'C1', 1), ('till_customer', 'C2', 2),
    ('ga_client', 'g1', 2), ('ga_client', 'tablet', NULL), ('loyalty_account', 'not landed', 1);
INSERT INTO conversions VALUES
    ('web_order', '11', 1, 'organic', NULL, 'organic', '2026-03-01', 3000),
    ('till_order', 'T1', 1, 'campaign', 901, 'video', '2026-03-01', 1000);
INSERT INTO visits VALUES
    (1, 1, 1, 'd1', '2026-03-01 10:00:00', '2026-03-01 10:21:00', false, false, NULL),
    (2, 2, 1, 'd2', '2026-03-01 10:40:00', '2026-03-01 10:50:00', false, false, NULL),
    (3, 2, 2, NULL, '2026-03-01 12:00:00', '2026-03-01 12:20:00', false, false, NULL),
    (4, NULL, 2, 'd9', '2026-03-01 12:00:00', '2026-03-01 12:20:00', true, false, NULL),
    (5, 2, 2, 'd2', '2026-03-01 12:00:00', '2026-03-01 12:00:20', false, true, NULL),
    (6, 2, 1, 'd2', '2026-04-01 10:00:00', '2026-04-01 10:50:00', false, false, NULL);
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    truth, warehouse = tmp_path / "truth.duckdb", tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(truth)) as connection:
        connection.execute(schema_statements("truth"))
        connection.execute(_TRUTH)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(_WAREHOUSE)
    return truth, warehouse


def test_identity_counts_pairs_of_owned_and_landed_records(files: tuple[Path, Path]) -> None:
    identity = score(*files).identity
    assert identity.records == 4  # not the tablet's, not what never landed
    # Put together: 3 pairs, one of them right. Belonging together: Anna's pair and Ben's pair.
    assert identity.reached.precision == pytest.approx(1 / 3)
    assert identity.reached.recall == pytest.approx(1 / 2)
    assert identity.reached.f1 == pytest.approx(0.4)
    assert identity.reached.biggest == 3
    # Nothing ties Ben's browser to Ben, so no method could find that pair.
    assert (identity.ceiling.precision, identity.ceiling.recall) == (1.0, 0.5)


def test_identity_is_told_by_source_and_by_what_is_wrong(files: tuple[Path, Path]) -> None:
    identity = score(*files).identity
    # Anna's pair has a record of each; Ben's has one of the till and one of web analytics.
    assert identity.sources == {"ga4": (0.0, 0.0), "shopify": (1.0, 1.0), "square": (0.5, 0.5)}
    assert identity.over_merges.clusters == 1
    assert identity.over_merges.strangers == {"customer": 1}
    # One customer, k1, holds accounts at all: Anna's two and Ben's.
    assert (identity.mixed.clusters, identity.mixed.of) == (1, 1)
    assert identity.mixed.per_10_000 == 10_000
    assert identity.recall_of_ceiling == 1.0
    assert identity.f1_of_ceiling == pytest.approx(0.4 / (2 / 3))


def test_households_are_pairs_of_persons(files: tuple[Path, Path]) -> None:
    assert score(*files).identity.households is None  # not built
    people = ", ".join(
        f"({n}, {home}, 'DE', 'DE-BE', 1, 'A', 'B', 'a@b.example', '1', '1980-01-01', true, true,"
        " NULL)"
        for n, home in ((1, 1), (2, 1), (3, 3))
    )
    with duckdb.connect(str(files[0])) as connection:
        connection.execute(f"INSERT INTO persons VALUES {people}")
        connection.execute("INSERT INTO identifiers VALUES ('till_customer', 'C3', 3)")
    with duckdb.connect(str(files[1])) as connection:
        connection.execute(
            f"""
            UPDATE intermediate.int_identity__persons SET customer_id = 'k2'
            WHERE record_id = 'C2';
            INSERT INTO {OBSERVATIONS_SCHEMA}.int_identity__observations
            VALUES ('square:customer:C3', 'square', 'customer', 'C3', 'phone', 'other');
            INSERT INTO intermediate.int_identity__persons
            VALUES ('square:customer:C3', 'square', 'customer', 'C3', 'k3');
            CREATE TABLE intermediate.int_identity__households AS
            FROM (VALUES ('k1', 'h1'), ('k2', 'h1'), ('k3', 'h1')) AS t (customer_id, household_id);
            """
        )
    households = score(*files).identity.households
    assert households is not None
    # All three persons in one: of three pairs, Anna and Ben's is right; and none is missed.
    assert (households.precision, households.recall) == (pytest.approx(1 / 3), 1.0)


def test_attribution_compares_credit_with_cause_of_the_same_orders(
    files: tuple[Path, Path],
) -> None:
    last, linear = score(*files).attribution
    assert (last.model, linear.model) == ("last", "linear")
    assert last.conversions == 2  # the store visit is no order
    assert last.caused == {"organic": 0.75, "video": 0.25}
    assert last.credited == {"organic": 0.25, "shopping": 0.75}
    assert last.calibrated == {"organic": 0.75, "shopping": 0.25}
    assert last.calibrated_error == 0.25
    assert linear.calibrated_error is None  # no experiment measured what it credits
    assert last.channel_error == pytest.approx(0.75)
    assert last.mix_error == 1.0  # all to shopping, where video did it
    assert linear.channel_error == pytest.approx(0.375)
    assert linear.campaign_error == pytest.approx(0.375)


def test_a_visit_is_matched_once_and_staff_never(files: tuple[Path, Path]) -> None:
    visits = score(*files).visits
    assert (visits.true_visits, visits.found_visits, visits.matched) == (2, 3, 1)
    assert visits.precision == pytest.approx(1 / 3)
    assert visits.recall == pytest.approx(1 / 2)


def test_what_has_no_price_is_matched_by_its_own_id(files: tuple[Path, Path]) -> None:
    assert score(*files).conversions == []  # no system of which the warehouse knows tells of any
    with duckdb.connect(str(files[0])) as connection:
        connection.execute(
            """
            INSERT INTO identifiers VALUES ('client', 'G1', 1);
            INSERT INTO conversions VALUES
                ('stay', '7', 1, 'campaign', 901, 'video', '2026-03-01', 0),
                ('stay', '8', 2, 'organic', NULL, 'organic', '2026-03-02', 0),
                ('stay', '9', 2, 'organic', NULL, 'organic', '2026-03-09', 0),
                ('repeat_stay', '10', 1, 'organic', NULL, 'organic', '2026-03-02', 0)
            """
        )
    with duckdb.connect(str(files[1])) as connection:
        connection.execute(
            f"""
            INSERT INTO {OBSERVATIONS_SCHEMA}.int_identity__observations VALUES
                ('pm:customer:G1', 'property_management', 'customer', 'G1', 'email', 'anna');
            INSERT INTO marts.fct_attribution VALUES
                ('last', 'begun:booking:property_management:7', 'stay', 'k1', 'video', NULL, 1, 0),
                ('last', 'begun:booking:property_management:8', 'stay', NULL, 'email', NULL, 1, 0),
                ('last', 'begun:booking:other:9', 'stay', 'k1', 'display', NULL, 1, 0),
                ('linear', 'begun:booking:property_management:8', 'stay', 'k1', 'x', NULL, 1, 0)
            """
        )
    repeat, stay = score(*files, clock=datetime(2026, 3, 3, tzinfo=UTC)).conversions
    assert (stay.conversion_type, stay.true_count, stay.found_count) == ("stay", 2, 3)
    assert (stay.matched, stay.known) == (2, 1)
    assert stay.precision == pytest.approx(2 / 3)
    assert stay.recall == 1.0
    assert stay.credited == {"email": 0.5, "video": 0.5}
    assert stay.caused == {"organic": 0.5, "video": 0.5}
    assert distance(as_causes(stay.credited), stay.caused) == 0.5
    assert as_causes({"direct": 0.25, "store": 0.25, "email": 0.5}) == {
        "organic": 0.5, "email": 0.5
    }  # fmt: skip
    assert (repeat.true_count, repeat.found_count, repeat.recall) == (1, 0, 0.0)
    assert score(*files).conversions[1].true_count == 3  # without a clock, all that ever happens


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScoreError, match=r"no truth file at .*truth\.duckdb"):
        score(tmp_path / "truth.duckdb", tmp_path / "warehouse.duckdb")


def test_a_missing_table_is_named(files: tuple[Path, Path]) -> None:
    with duckdb.connect(str(files[1])) as connection:
        connection.execute("DROP TABLE marts.fct_store_visits")
    with pytest.raises(ScoreError, match="fct_store_visits"):
        score(*files)


def test_a_record_that_the_truth_does_not_know_is_named(files: tuple[Path, Path]) -> None:
    """A score over the others would look no worse."""
    with duckdb.connect(str(files[1])) as connection:
        connection.execute(
            f"""
            INSERT INTO {OBSERVATIONS_SCHEMA}.int_identity__observations
            VALUES ('clerk:customer:1', 'clerk', 'customer', '1', 'email', 'anna')
            """
        )
    with pytest.raises(ScoreError, match="none of these records: customer of clerk"):
        score(*files)


def test_a_vendors_ids_are_those_that_it_makes_of_the_worlds(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which vendor serves the web shop is no matter of the score."""
    other = replace(shopify.VENDOR, name="other", records={"order": Record("web_order", OTHER_ID)})
    monkeypatch.setattr("demo.served.vendors", lambda: (other,))
    with duckdb.connect(str(files[0])) as connection:
        found = connection.execute(
            "SELECT source_system, record_kind, record_id, cause_channel"
            f" FROM {served('conversions', 'kind')}"
        ).fetchall()
    assert found == [("other", "order", "X11", "organic")]


@pytest.mark.parametrize(
    "vendor", [v for v in vendors() if v.name in SOURCES], ids=lambda v: v.name
)
def test_a_vendor_declares_what_its_records_are(vendor: Vendor) -> None:
    kinds = {kind.removesuffix("_id") for kind in id_kinds(vendor.name)}
    assert kinds <= set(vendor.records)
    with duckdb.connect() as connection:
        connection.execute(schema_statements("truth"))
        connection.execute(f"FROM {served('identifiers', 'system')}")


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=12))
def test_pairwise_comparison_equals_listing_all_pairs(labels: list[tuple[int, int]]) -> None:
    pairs = list(combinations(labels, 2))
    joined = [pair for pair in pairs if pair[0][0] == pair[1][0]]
    belonging = [pair for pair in pairs if pair[0][1] == pair[1][1]]
    right = [pair for pair in joined if pair in belonging]
    result = compare_clusters([found for found, _ in labels], [true for _, true in labels])
    assert result.precision == pytest.approx(len(right) / len(joined) if joined else 1.0)
    assert result.recall == pytest.approx(len(right) / len(belonging) if belonging else 1.0)


def test_distance_is_the_share_in_the_wrong_place() -> None:
    assert distance({"a": 0.5, "b": 0.5}, {"a": 0.25, "c": 0.75}) == pytest.approx(0.75)
    assert distance({"a": 1.0}, {"a": 1.0}) == 0
