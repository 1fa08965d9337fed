"""Hotels and car dealers: their books agree with each other, and with the truth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from demo.world import generate
from demo.world.verticals import VERTICALS

PERSONS, DAYS = 800, 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verticals")
    for vertical in VERTICALS:
        generate(folder / vertical, persons=PERSONS, days=DAYS, seed=3, vertical=vertical)
    return folder


def _open(folder: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(folder / "world.duckdb"), read_only=True)
    connection.execute(f"ATTACH '{folder / 'truth.duckdb'}' AS truth (READ_ONLY)")
    return connection


@pytest.fixture(scope="module")
def hotel(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with _open(folder / "hotel") as connection:
        yield connection


@pytest.fixture(scope="module")
def dealer(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with _open(folder / "dealer") as connection:
        yield connection


@pytest.fixture(params=VERTICALS)
def either(request: pytest.FixtureRequest) -> duckdb.DuckDBPyConnection:
    found: duckdb.DuckDBPyConnection = request.getfixturevalue(request.param)
    return found


def _none(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    assert connection.execute(f"FROM ({query}) LIMIT 5").fetchall() == []


def _kinds(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    query = "SELECT kind, count(*) FROM truth.conversions GROUP BY kind"
    return dict(connection.execute(query).fetchall())


def test_an_unknown_trade_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"no vertical is called 'bakery'; there are dealer, hotel"
    ):
        generate(tmp_path, vertical="bakery")


def test_nobody_sells_a_shops_goods_there(either: duckdb.DuckDBPyConnection) -> None:
    for table in ("web_orders", "till_orders", "crm_deals"):
        _none(either, f"FROM {table}")
    assert not {"web_order", "till_order"} & set(_kinds(either))


def test_invoices_add_up_and_name_whom_they_are_for(either: duckdb.DuckDBPyConnection) -> None:
    _none(
        either,
        """
        SELECT i.invoice_no FROM invoices AS i LEFT JOIN invoice_lines AS l USING (invoice_no)
        GROUP BY ALL
        HAVING coalesce(sum(quantity * unit_price_minor), -1) <> any_value(goods_minor)
            OR sum(l.discount_minor) <> any_value(i.discount_minor)
            OR sum(l.tax_minor) <> any_value(i.tax_minor)
            OR any_value(goods_minor - i.discount_minor + i.tax_minor) <> any_value(total_minor)
            OR list(line_no ORDER BY line_no) <> generate_series(1, count(*))
        """,
    )
    _none(either, "FROM invoice_lines ANTI JOIN invoices USING (invoice_no)")
    _none(either, "FROM invoices ANTI JOIN clients USING (client_no)")
    _none(either, "SELECT client_no FROM clients GROUP BY 1 HAVING count(*) > 1")
    _none(
        either,
        """
        SELECT i.invoice_no
        FROM invoices AS i
        LEFT JOIN truth.conversions AS c
            ON c.kind = 'invoice' AND c.record_id = i.invoice_no::VARCHAR
            AND c.occurred_at = issued_at
        JOIN currencies AS y ON y.currency_code = i.currency_code
        WHERE c.record_id IS NULL
            OR abs(c.value_eur_minor - i.total_minor / 10 ** exponent * eur_per_unit * 100) > 0.51
        """,
    )
    # Who the invoice is for is who the truth says that the client is.
    _none(
        either,
        """
        SELECT c.record_id FROM truth.conversions AS c
        JOIN invoices AS i ON i.invoice_no::VARCHAR = c.record_id
        JOIN truth.identifiers AS t ON t.system = 'client' AND t.record_id = client_no::VARCHAR
        WHERE c.kind = 'invoice' AND t.person_id <> c.person_id
        """,
    )


def test_all_that_a_cause_led_to_came_after_the_ad(either: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT count(*) FROM truth.conversions WHERE cause_campaign_no IS NOT NULL"
    assert either.execute(query).fetchall()[0][0] > 50
    _none(
        either,
        """
        SELECT kind, record_id FROM truth.conversions AS c
        WHERE cause_campaign_no IS NOT NULL AND NOT EXISTS (
            FROM truth.exposures AS e
            WHERE e.person_id = c.person_id AND e.campaign_no = c.cause_campaign_no
                AND e.exposed_at <= c.occurred_at
        )
        """,
    )


def test_a_stay_is_a_room_that_was_kept_and_its_key_was_used(
    hotel: duckdb.DuckDBPyConnection,
) -> None:
    assert set(_kinds(hotel)) == {"booking", "stay", "repeat_stay", "invoice"}
    kept = """
        SELECT reservation_no FROM reservations
        WHERE cancelled_at IS NULL AND no_show_at IS NULL
            AND arrives_at < (SELECT start_date + days + extra_days FROM world_info)
    """
    stays = "SELECT record_id::BIGINT FROM truth.conversions WHERE kind IN ('stay', 'repeat_stay')"
    keys = "SELECT DISTINCT reservation_no FROM key_uses"
    for one, other in ((kept, stays), (stays, kept), (kept, keys), (keys, kept)):
        _none(hotel, f"({one}) EXCEPT ({other})")
    _none(hotel, "FROM reservations WHERE departs_at <= arrives_at OR arrives_at < created_at")
    _none(hotel, "FROM reservations WHERE cancelled_at NOT BETWEEN created_at AND arrives_at")
    _none(
        hotel,
        """
        FROM key_uses JOIN reservations USING (reservation_no)
        WHERE used_at NOT BETWEEN arrives_at AND departs_at
            OR key_uses.room_no <> reservations.room_no
        """,
    )
    # The first is a stay, and all that follow are repeat stays.
    _none(
        hotel,
        """
        SELECT person_id FROM truth.conversions WHERE kind IN ('stay', 'repeat_stay')
        GROUP BY person_id HAVING count(*) FILTER (kind = 'stay') <> 1
            OR max(occurred_at) FILTER (kind = 'stay') > min(occurred_at) FILTER (kind <> 'stay')
        """,
    )


def test_web_analytics_is_told_of_the_rooms_that_were_booked_on_the_web(
    hotel: duckdb.DuckDBPyConnection,
) -> None:
    told = "SELECT transaction_id FROM web_events WHERE transaction_id IS NOT NULL"
    booked = "SELECT confirmation FROM reservations WHERE source = 'web'"
    assert hotel.execute(f"SELECT count(*) FROM ({told})").fetchall()[0][0] > 50
    _none(hotel, f"({told}) EXCEPT ({booked})")


def test_a_sale_follows_its_inquiry_and_drive(dealer: duckdb.DuckDBPyConnection) -> None:
    assert set(_kinds(dealer)) == {
        "booking", "crm_lead", "crm_opportunity", "invoice", "store_visit", "test_drive"
    }  # fmt: skip
    _none(
        dealer,
        """
        FROM crm_opportunities AS o JOIN crm_leads AS l USING (lead_no)
        WHERE o.created_at < l.created_at OR l.converted_at IS NULL OR o.closed_at < o.created_at
        """,
    )
    won = "SELECT order_name, amount_minor, currency_code FROM crm_opportunities WHERE is_won"
    sold = "SELECT order_name, total_minor, currency_code FROM invoices"
    for one, other in ((won, sold), (sold, won)):
        _none(dealer, f"({one}) EXCEPT ALL ({other})")
    _none(dealer, "FROM crm_leads ANTI JOIN crm_contacts USING (contact_no) WHERE contact_no > 0")
    _none(dealer, "SELECT contact_no FROM crm_contacts GROUP BY 1 HAVING count(*) > 1")
    _none(dealer, "FROM test_drives WHERE starts_at < created_at OR ends_at <= starts_at")


def test_who_drives_is_at_the_branch(dealer: duckdb.DuckDBPyConnection) -> None:
    _none(
        dealer,
        """
        SELECT d.drive_no
        FROM test_drives AS d
        JOIN truth.conversions AS c
            ON c.kind = 'test_drive' AND c.record_id = drive_no::VARCHAR
        WHERE d.cancelled_at IS NOT NULL OR d.no_show_at IS NOT NULL OR NOT EXISTS (
            FROM truth.visits AS v
            WHERE v.person_id = c.person_id AND v.shop_no = d.shop_no
                AND d.starts_at BETWEEN v.arrived_at AND v.left_at
        )
        """,
    )
    assert _kinds(dealer)["test_drive"] > 50
