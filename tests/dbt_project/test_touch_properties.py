"""The SQL of touches and presences against the definitions, on random clicks, sessions and taps."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_project.warehouse import PROJECT

pytestmark = pytest.mark.e2e
NOON = datetime.fromisoformat("2026-03-28T12:00:00")
MODELS = ("int_touchpoints", "int_stores__presences")
HALF_HOUR = 1800
QUICK = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
# Seconds: at the edges of half an hour, at the same instant, and anywhere near.
SECONDS = st.sampled_from(
    [at + off for at in (0, 60, HALF_HOUR, 2 * HALF_HOUR) for off in (-1, 0, 1)]
) | st.integers(-4 * HALF_HOUR, 4 * HALF_HOUR)
WHO = st.sampled_from(["a", "b", None])
CHANNELS = {"email": "email_click", "sms": "message_click"}
CLICKS = st.lists(
    st.tuples(
        SECONDS,
        WHO,
        st.sampled_from([*CHANNELS]),
        st.sampled_from(["m1", "m2"]),
        st.sampled_from([True, False, None]),
    ),
    max_size=8,
)
SESSIONS = st.lists(
    st.tuples(SECONDS, WHO, st.sampled_from([*CHANNELS, "direct"]), st.booleans()), max_size=6
)


@pytest.fixture(scope="module")
def warehouse(
    compiled: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> duckdb.DuckDBPyConnection:
    """The compiled models over empty tables of our own."""
    con = duckdb.connect(str(tmp_path_factory.mktemp("touches") / "warehouse.duckdb"))
    for schema in ("seeds", "conformed", "intermediate"):
        con.execute(f"create schema if not exists {schema}")
    con.execute(f"create table seeds.visit_signals as from '{PROJECT}/seeds/visit_signals.csv'")
    con.execute(
        """
        create table intermediate.int_web__sessions (session_id varchar, record_key varchar,
            started_at timestamp, ended_at timestamp, is_app boolean, traffic_id varchar,
            source varchar, medium varchar, click_id varchar, excluded_reason varchar,
            has_analytics_consent boolean, has_ads_consent boolean, connection varchar,
            source_system varchar);
        create table intermediate.int_web__traffic (traffic_id varchar, channel varchar,
            touch_type varchar, platform varchar, campaign_id varchar, campaign_matched_by varchar);
        insert into intermediate.int_web__traffic values
            ('email', 'email', 'email_click', null, null, null),
            ('sms', 'sms', 'message_click', null, null, null),
            ('direct', 'direct', 'direct_visit', null, null, null);
        create table intermediate.int_stores__visits (visit_id varchar, customer_id varchar,
            arrived_at timestamp, store_id varchar, connection varchar, source_system varchar);
        create table intermediate.int_stores__bookings (booking_id varchar, customer_id varchar,
            booking_kind varchar,
            booked_at timestamp, store_id varchar, connection varchar, source_system varchar);
        create table intermediate.int_campaigns__all (campaign_id varchar, channel varchar,
            platform varchar);
        create table conformed.ad_clicks (click_id varchar, platform varchar, account_id varchar,
            campaign_id varchar);
        create table conformed.message_events (event_id varchar, event_kind varchar,
            message_kind varchar, message_id varchar, record_key varchar, is_machine boolean,
            occurred_at timestamp, connection varchar, source_system varchar);
        create table conformed.app_events (event_id varchar, event_kind varchar,
            record_key varchar, store_code varchar, occurred_at timestamp,
            has_analytics_consent boolean, connection varchar, source_system varchar);
        create table conformed.calls (call_id varchar, record_key varchar, started_at timestamp,
            is_answered boolean, medium varchar, location_kind varchar, location_id varchar,
            connection varchar, source_system varchar);
        create table conformed.store_events (event_id varchar, event_kind varchar,
            record_key varchar, source_order_id varchar, location_kind varchar,
            location_id varchar, started_at timestamp, ended_at timestamp, connection varchar,
            source_system varchar);
        create table intermediate.int_stores__locations (connection varchar,
            location_kind varchar, location_id varchar, store_id varchar, valid_from date,
            valid_before date);
        insert into intermediate.int_stores__locations values
            ('c', 'till', 'L', 'S001', date '1900-01-01', date '9999-12-31');
        create table intermediate.int_stores__matched (store_id varchar, time_zone varchar);
        insert into intermediate.int_stores__matched values ('S001', 'Europe/Berlin');
        create table intermediate.int_stores__stays (record_key varchar, store_id varchar,
            arrived_at timestamp, left_at timestamp, no_visit_reason varchar);
        create table intermediate.int_identity__persons (record_key varchar, customer_id varchar);
        insert into intermediate.int_identity__persons values
            ('a', 'A'), ('b', 'B'), ('phone', 'A')"""
    )
    for model in MODELS:
        con.execute(f"create view intermediate.{model} as {compiled[model]}")
    return con


def _at(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


def _fill(con: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    con.execute(f"truncate {table}")
    for row in rows:
        con.execute(
            f"insert into {table} ({', '.join(row)}) values ({', '.join('?' for _ in row)})",
            list(row.values()),
        )


@QUICK
@given(clicks=CLICKS, sessions=SESSIONS)
def test_a_click_and_the_session_that_it_led_to_are_one_touch(
    warehouse: duckdb.DuckDBPyConnection,
    clicks: list[tuple[int, str | None, str, str, bool | None]],
    sessions: list[tuple[int, str | None, str, bool]],
) -> None:
    _fill(
        warehouse,
        "conformed.message_events",
        [
            {"event_id": f"{i:02d}", "event_kind": "clicked", "message_kind": kind,
             "message_id": message + kind, "record_key": who or f"stranger{i}",
             "is_machine": is_machine, "occurred_at": _at(at), "connection": "m",
             "source_system": "m"}
            for i, (at, who, kind, message, is_machine) in enumerate(clicks)
        ],
    )  # fmt: skip
    _fill(
        warehouse,
        "intermediate.int_web__sessions",
        [
            {"session_id": f"{i:02d}", "record_key": who, "started_at": _at(at),
             "ended_at": _at(at + 60), "is_app": False, "traffic_id": traffic,
             "has_analytics_consent": consent, "connection": "w", "source_system": "w"}
            for i, (at, who, traffic, consent) in enumerate(sessions)
        ],
    )  # fmt: skip
    found = warehouse.sql(
        """select source_system, channel, touch_type, lower(customer_id), touched_at
        from intermediate.int_touchpoints"""
    ).fetchall()
    expected = [
        ("w", traffic, CHANNELS.get(traffic, "direct_visit"), who, _at(at))
        for at, who, traffic, _ in sessions
    ]
    people = sorted(
        (at, i, who or i, kind, message)
        for i, (at, who, kind, message, is_machine) in enumerate(clicks)
        if not is_machine
    )
    last: dict[object, int] = {}
    for at, _, who, kind, message in people:
        before = last.get((who, kind, message))
        last[who, kind, message] = at
        if before is not None and at - before <= HALF_HOUR:
            continue
        if not any(
            consent and whose == who and traffic == kind and -60 <= then - at <= HALF_HOUR
            for then, whose, traffic, consent in sessions
        ):
            customer = who if isinstance(who, str) else None
            expected.append(("m", kind, CHANNELS[kind], customer, _at(at)))
    assert sorted(found, key=repr) == sorted(expected, key=repr)


@QUICK
@given(
    events=st.lists(
        st.tuples(
            SECONDS,
            st.integers(0, 2 * HALF_HOUR),
            st.sampled_from(["a", "b"]),
            st.sampled_from(["nfc_tap", "wifi_session"]),
        ),
        max_size=8,
    ),
    stays=st.lists(st.tuples(SECONDS, st.integers(0, HALF_HOUR)), max_size=3),
)
def test_what_is_near_in_time_is_one_presence_and_one_visit(
    warehouse: duckdb.DuckDBPyConnection,
    events: list[tuple[int, int, str, str]],
    stays: list[tuple[int, int]],
) -> None:
    _fill(
        warehouse,
        "conformed.store_events",
        [
            {"event_id": f"{i:02d}", "event_kind": kind, "record_key": who,
             "location_kind": "till", "location_id": "L", "started_at": _at(at),
             "ended_at": _at(at + length) if kind == "wifi_session" else None,
             "connection": "c", "source_system": "c"}
            for i, (at, length, who, kind) in enumerate(events)
        ],
    )  # fmt: skip
    _fill(
        warehouse,
        "intermediate.int_stores__stays",
        [
            {"record_key": "phone", "store_id": "S001", "arrived_at": _at(at),
             "left_at": _at(at + length)}
            for at, length in stays
        ],
    )  # fmt: skip
    found = warehouse.sql(
        """select lower(customer_id), arrived_at, left_at, event_count, no_visit_reason
        from intermediate.int_stores__presences"""
    ).fetchall()
    expected = []
    for person in ("a", "b"):
        spans: list[list[Any]] = []
        for at, length, who, kind in sorted(events):
            if who != person:
                continue
            ends = at + (length if kind == "wifi_session" else 0)
            if spans and at - spans[-1][1] <= HALF_HOUR:
                spans[-1] = [
                    spans[-1][0], max(spans[-1][1], ends), spans[-1][2] + 1,
                    spans[-1][3] or kind == "nfc_tap",
                ]  # fmt: skip
            else:
                spans.append([at, ends, 1, kind == "nfc_tap"])
        for first, end, count, tapped in spans:
            heard = person == "a" and any(
                at - end <= HALF_HOUR and first - (at + length) <= HALF_HOUR for at, length in stays
            )
            reason = "same_visit" if heard else None
            if reason is None and not tapped and end - first < 180:
                reason = "pass_by"
            expected.append((person, _at(first), _at(end), count, reason))
    assert sorted(found, key=repr) == sorted(expected, key=repr)
