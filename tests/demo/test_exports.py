"""What the hotel's and the dealer's own systems write lands whole, as described beside it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from connectors.core.settings import Connection
from connectors.extract import extract
from demo import exports
from demo.companies import Company
from demo.exports import SYSTEMS
from demo.world import generate

NOW = datetime(2026, 2, 19, tzinfo=UTC)
# What is the record of a contract, as the world counts it by then.
COUNTED = {
    "dealer": {
        "bookings": "test_drives WHERE created_at <= $now",
        "orders": "invoices WHERE issued_at <= $now",
        "order_lines": "invoice_lines JOIN invoices USING (invoice_no) WHERE issued_at <= $now",
        "person_records": "clients WHERE created_at <= $now",
        "locations": "shops",
    },
    "hotel": {
        "bookings": "reservations WHERE created_at <= $now",
        "orders": "invoices WHERE issued_at <= $now",
        "order_lines": "invoice_lines JOIN invoices USING (invoice_no) WHERE issued_at <= $now",
        "person_records": "clients WHERE created_at <= $now",
        "locations": "shops",
        "store_events": "key_uses WHERE used_at <= $now",
    },
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_an_export_lands_whole_and_the_next_one_brings_what_is_new(
    name: str, tmp_path: Path
) -> None:
    company = Company(name)
    generate(tmp_path, persons=300, days=20, seed=11, **company.world)
    system = company.system
    assert system
    place = company.placed(tmp_path / "home")
    source = company.sources(place)[system.name]
    for now in (NOW, NOW + timedelta(days=1)):
        exports.write(system, tmp_path, place, now)
        results = extract(source, Connection(), str(tmp_path / "landing"), NOW)
        assert not any(result.quarantined for result in results)
        with duckdb.connect(str(tmp_path / "world.duckdb"), read_only=True) as world:
            for contract, rows in COUNTED[name].items():
                landed = tmp_path / "landing" / system.name / contract / "*.parquet"
                (pair,) = world.execute(
                    f"""
                    SELECT (SELECT count(*) FROM {rows}),
                        (SELECT count(DISTINCT _key) FROM '{landed}')
                    """.replace("$now", f"TIMESTAMP '{now.replace(tzinfo=None)}'")
                ).fetchall()
                assert pair[0] == pair[1] > 0, contract


def test_only_who_has_such_a_system_gets_a_copy_of_the_configuration(tmp_path: Path) -> None:
    assert Company("retailer").placed(tmp_path) == Company("retailer").folder
    assert list(tmp_path.iterdir()) == []
    place = Company("hotel").placed(tmp_path)
    assert (place / "company.yml").read_text() == (
        Company("hotel").folder / "company.yml"
    ).read_text()
    assert "property_management" not in Company("hotel").simulated
