"""The demo world: repeatable, consistent in every integer, and silent about who is who."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.world import generate, schema_statements
from demo.world.ids import scramble

PERSONS, DAYS = 1_500, 45


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    generate(folder, persons=PERSONS, days=DAYS, seed=3)
    return folder


@pytest.fixture(scope="module")
def both(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The world as the current database, the truth attached as ``truth``."""
    with duckdb.connect(str(folder / "world.duckdb"), read_only=True) as connection:
        connection.execute(f"ATTACH '{folder / 'truth.duckdb'}' AS truth (READ_ONLY)")
        yield connection


def _value(connection: duckdb.DuckDBPyConnection, query: str) -> object:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def _tables(part: str) -> list[str]:
    with duckdb.connect() as connection:
        connection.execute(schema_statements(part))
        return [name for (name,) in connection.execute("SHOW TABLES").fetchall()]


def test_every_table_has_rows(both: duckdb.DuckDBPyConnection) -> None:
    for table in _tables("world"):
        assert _value(both, f"SELECT count(*) FROM {table}"), table
    for table in _tables("truth"):
        assert _value(both, f"SELECT count(*) FROM truth.{table}"), table


def test_the_same_seed_gives_the_same_world(tmp_path: Path) -> None:
    def contents(name: str, seed: int) -> dict[str, list[tuple[object, ...]]]:
        generate(tmp_path / name, persons=150, days=12, seed=seed, shops=3)
        rows = {}
        for part in ("world", "truth"):
            with duckdb.connect(str(tmp_path / name / f"{part}.duckdb")) as connection:
                for table in _tables(part):
                    rows[table] = connection.execute(f"FROM {table}").fetchall()
        return rows

    first, second, other = contents("a", 5), contents("b", 5), contents("c", 6)
    assert first == second
    assert first["web_events"] != other["web_events"]


def test_a_chunk_does_not_depend_on_how_many_follow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("demo.world.generator.CHUNK", 100)
    for name, persons in (("small", 100), ("large", 250)):
        generate(tmp_path / name, persons=persons, days=10, seed=1, shops=2)
    with duckdb.connect(str(tmp_path / "large" / "world.duckdb")) as connection:
        connection.execute(f"ATTACH '{tmp_path / 'small' / 'world.duckdb'}' AS small (READ_ONLY)")
        for table, key in (("web_orders", "order_no"), ("till_orders", "order_id")):
            missing = f"FROM (FROM small.{table} EXCEPT FROM {table})"
            assert _value(connection, f"SELECT count(*) {missing}") == 0
            assert _value(connection, f"SELECT count(*) = count(DISTINCT {key}) FROM {table}")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"persons": 0}, "persons must be between 1 and"),
        ({"days": -1}, "days must be between 1 and"),
        ({"shops": 501}, "shops must be between 1 and"),
        ({"extra_days": -1}, "extra_days must not be negative"),
        ({"seed": -1}, "seed must not be negative"),
    ],
)
def test_bad_sizes_are_refused(tmp_path: Path, arguments: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        generate(tmp_path, **arguments)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_broken_run_leaves_no_world(tmp_path: Path) -> None:
    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(tmp_path, persons=50, days=5, shops=1, on_progress=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "sizes",
    [
        {"persons": 1, "days": 1, "extra_days": 0, "shops": 1},
        {"persons": 40, "days": 3, "shops": 30},
        {"persons": 60, "days": 20, "start": date(2026, 10, 10)},  # the clocks go back
    ],
)
def test_odd_sizes_work(tmp_path: Path, sizes: dict[str, int]) -> None:
    generate(tmp_path, **sizes)  # type: ignore[arg-type]
    assert (tmp_path / "world.duckdb").exists()


# --- The truth stays apart ------------------------------------------------------------------------


def test_the_world_has_no_person_column(both: duckdb.DuckDBPyConnection) -> None:
    columns = both.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'world'"
    ).fetchall()
    assert columns
    telling = ("person", "household", "cause", "true_")
    assert [c for c in columns if any(word in c[1] for word in telling)] == []


def test_no_id_equals_or_follows_a_person_id(both: duckdb.DuckDBPyConnection) -> None:
    rows = both.execute(
        "SELECT system, record_id, person_id FROM truth.identifiers WHERE person_id IS NOT NULL"
    ).fetchall()
    assert [r for r in rows if r[1] == str(r[2])] == []
    for system in ("web_customer", "web_order", "crm_contact"):
        pairs = np.array([(int(i), p) for s, i, p in rows if s == system], dtype=float)
        assert abs(np.corrcoef(pairs.T)[0, 1]) < 0.1, system


@pytest.mark.parametrize(
    ("system", "table", "column"),
    [
        ("web_customer", "web_customers", "customer_no"),
        ("web_order", "web_orders", "order_no"),
        ("crm_contact", "crm_contacts", "contact_no"),
        ("till_customer", "till_customers", "square_customer_id"),
        ("till_order", "till_orders", "order_id"),
        ("loyalty_account", "loyalty_accounts", "loyalty_account_id"),
        ("ga_client", "web_events", "user_pseudo_id"),
        ("app_device", "pings", "device_id"),
        ("app_device", "store_events", "device_id"),
        ("message_profile", "message_profiles", "profile_no"),
        ("call", "calls", "call_no"),
        ("survey_invitation", "survey_invitations", "invitation_no"),
        ("survey_answer", "survey_answers", "answer_no"),
        ("card_fingerprint", "payments", "card_fingerprint"),
    ],
)
def test_the_truth_knows_every_record_once(
    both: duckdb.DuckDBPyConnection, system: str, table: str, column: str
) -> None:
    unknown = _value(
        both,
        f"""
        SELECT count(*) FROM (
            SELECT DISTINCT {column}::VARCHAR AS id FROM {table} WHERE {column} IS NOT NULL
        ) ANTI JOIN (FROM truth.identifiers WHERE system = '{system}') ON id = record_id
        """,
    )
    assert unknown == 0
    twice = f"""
        SELECT count(*) - count(DISTINCT record_id) FROM truth.identifiers WHERE system = '{system}'
    """
    assert _value(both, twice) == 0


@given(st.sets(st.integers(0, 2**20 - 1), max_size=200), st.integers(0, 99))
@settings(max_examples=50)
def test_scrambled_ids_stay_unique_and_in_range(keys: set[int], seed: int) -> None:
    ids = scramble(np.array(sorted(keys), dtype=np.int64), "kind", seed, bits=20)
    assert len(set(ids.tolist())) == len(keys)
    assert all(0 <= value < 2**20 for value in ids.tolist())


def test_a_key_too_big_for_its_id_is_refused() -> None:
    with pytest.raises(ValueError, match="'kind' does not fit into 8 bits"):
        scramble(np.array([256]), "kind", 1, bits=8)
