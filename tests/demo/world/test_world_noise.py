"""Noise: what the levels promise is what the records show, and the truth knows of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.world import LEVELS, NoiseLevel, generate
from demo.world.details import birth_dates, streets
from demo.world.names import OWN_SCRIPT, SHORT_FORMS

PERSONS, DAYS = 4_000, 40


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[NoiseLevel, Path]:
    folders: dict[NoiseLevel, Path] = {}
    for level in ("none", "usual", "worst"):
        folders[level] = tmp_path_factory.mktemp(level)
        generate(folders[level], persons=PERSONS, days=DAYS, seed=17, noise=level)
    return folders


@pytest.fixture(params=["none", "usual", "worst"])
def level(request: pytest.FixtureRequest) -> NoiseLevel:
    name: NoiseLevel = request.param
    return name


@pytest.fixture
def both(worlds: dict[NoiseLevel, Path], level: NoiseLevel) -> Iterator[duckdb.DuckDBPyConnection]:
    """The world of a level as the current database, the truth attached as ``truth``."""
    with duckdb.connect(str(worlds[level] / "world.duckdb"), read_only=True) as connection:
        connection.execute(f"ATTACH '{worlds[level] / 'truth.duckdb'}' AS truth (READ_ONLY)")
        yield connection


def _value(connection: duckdb.DuckDBPyConnection, query: str) -> float:
    row = connection.execute(query).fetchone()
    assert row is not None
    return float(row[0])


def test_no_level_is_quieter_than_the_one_before() -> None:
    rates = [list(asdict(noise).values()) for noise in LEVELS.values()]
    for quiet, loud in pairwise(rates):
        assert all(low <= high for low, high in zip(quiet, loud, strict=True))
    assert sum(rates[0]) == 0


def _owner(system: str, record: str) -> str:
    return (
        f"truth.identifiers AS owner ON owner.system = '{system}' AND owner.record_id = {record}"
        " JOIN truth.persons USING (person_id)"
    )


_WEB = f"web_customers JOIN {_owner('web_customer', 'customer_no::VARCHAR')}"
_TILL = f"till_customers JOIN {_owner('till_customer', 'square_customer_id')}"
_MEMBER = "person_id <> household_id"  # a household is named by its first person
_DECLINED = """(email LIKE 'declined@%' OR email LIKE 'keine@%' OR email = 'none@none.com'
    OR email = 'asdf@asdf.com')"""
_WALK_INS = "SELECT square_customer_id FROM till_customers WHERE given_name = 'Walk-in'"
_SHORT = ", ".join(f"('{name}', '{form}')" for name, forms in SHORT_FORMS.items() for form in forms)
_FOREIGN = ", ".join(f"'{name}'" for name in OWN_SCRIPT)
# Where each rate shows: the share of rows of a query.
_SHOWN = {
    "shared_phone": f"SELECT avg((phone <> true_phone)::INT) FROM {_WEB} WHERE {_MEMBER}"
    " AND phone IS NOT NULL AND phone[-8:-7] <> '19' AND phone NOT LIKE '%00000000'",
    "shared_card": """
        SELECT avg((card.person_id <> persons.person_id AND card.person_id = household_id)::INT)
        FROM payments JOIN truth.identifiers AS sale ON system = 'till_order'
            AND record_id = order_id JOIN truth.persons USING (person_id)
        JOIN truth.identifiers AS card ON card.system = 'card_fingerprint'
            AND card.record_id = card_fingerprint
        WHERE persons.person_id <> household_id""",
    "default_phone": f"SELECT avg(coalesce(phone LIKE '%11111111', false)::INT) FROM {_TILL}",
    "junk_phone": f"""
        SELECT avg(coalesce(phone[-8:-7] = '19' OR phone LIKE '%00000000', false)::INT)
        FROM {_WEB}""",
    "junk_email": f"""SELECT avg(coalesce(email LIKE '%@northwind-vale.example'
        OR email = 'test@test.com', false)::INT) FROM {_TILL}
        WHERE email IS NULL OR NOT {_DECLINED}""",
    "short_name": f"""SELECT avg((web_customers.first_name = short)::INT) FROM {_WEB}
        JOIN (VALUES {_SHORT}) AS t (name, short) ON name = persons.first_name
        WHERE web_customers.first_name IN (name, short)""",
    "lost_accent": f"""SELECT avg((web_customers.last_name <> persons.last_name)::INT) FROM {_WEB}
        JOIN (VALUES ('Müller', ['Muller', 'Mueller']), ('Krüger', ['Kruger', 'Krueger']),
            ('Schröder', ['Schroder', 'Schroeder']), ('André', ['Andre'])
        ) AS t (name, plain) ON name = persons.last_name
        WHERE list_contains(list_append(plain, name), web_customers.last_name)""",
    "initial": f"""SELECT avg(regexp_matches(web_customers.first_name, '^[A-ZÀ-Ý][.]?$')::INT)
        FROM {_WEB}""",
    "swapped_names": f"""SELECT avg((web_customers.last_name IS NULL
        OR web_customers.first_name = persons.last_name)::INT) FROM {_WEB}""",
    "name_typo": f"""SELECT avg((damerau_levenshtein(given_name, first_name) = 1
        OR coalesce(damerau_levenshtein(family_name, last_name) = 1, false))::INT)
        FROM {_TILL} WHERE persons.country_code IN ('GB', 'JP')""",
    "other_script": f"""SELECT avg((last_name IN ({_FOREIGN}))::INT) FROM truth.persons
        WHERE country_code <> 'JP' AND person_id = household_id""",
    "shared_email": """SELECT avg((one.true_email = other.true_email)::INT)
        FROM truth.persons AS one JOIN truth.persons AS other USING (household_id)
        WHERE one.person_id = household_id AND other.person_id = household_id + 1
            AND abs(date_diff('day', one.birth_date, other.birth_date)) < 20 * 365""",
    "twins": """SELECT avg((one.birth_date = other.birth_date)::INT)
        FROM truth.persons AS one JOIN truth.persons AS other USING (household_id)
        WHERE one.person_id = household_id + 2 AND other.person_id = household_id + 3""",
    "changed_email": "SELECT avg((true_email LIKE 'mail.%')::INT) FROM truth.persons",
    "reused_email": """SELECT coalesce(avg((split_part(true_email[6:], '@', 1) IN (
            SELECT split_part(true_email, '@', 1) FROM truth.persons))::INT), 0)
        FROM truth.persons WHERE true_email LIKE 'mail.%'""",
    "phone_spelling": f"""SELECT avg((NOT regexp_matches(phone, '^[+][0-9]+$'))::INT)
        FROM {_TILL} WHERE phone IS NOT NULL AND phone NOT LIKE '%11111111'""",
    "spaced_card": """SELECT avg((loyalty_card_no LIKE '% %')::INT) FROM crm_contacts
        WHERE loyalty_card_no IS NOT NULL""",
    "walk_in": f"""SELECT avg((square_customer_id IS NOT NULL)::INT) FROM till_orders
        WHERE square_customer_id IS NULL OR square_customer_id IN ({_WALK_INS})""",
    "default_email": f"""SELECT avg((email IS NOT NULL)::INT) FROM {_TILL}
        WHERE email IS NULL OR {_DECLINED}""",
    "default_reference": f"""SELECT avg((loyalty_card_no IS NOT NULL)::INT) FROM {_TILL}
        WHERE coalesce(loyalty_card_no, '') NOT LIKE '29%'""",
    "assistants_contact": f"""SELECT avg(coalesce(other.person_id <> persons.person_id, false)::INT)
        FROM web_orders JOIN {_owner("web_order", "order_no::VARCHAR")}
        JOIN crm_deals AS d ON d.order_name = web_orders.order_name
        LEFT JOIN truth.identifiers AS other ON other.system = 'crm_contact'
            AND other.record_id = contact_no::VARCHAR
        WHERE web_orders.created_at = d.closed_at""",
    "mistyped_order": """SELECT avg((o.order_no IS NULL)::INT) FROM crm_deals AS d
        LEFT JOIN web_orders AS o ON d.order_name = o.order_name AND o.created_at = closed_at""",
    "gift_card_number": """SELECT avg((card_fingerprint IS NOT NULL)::INT) FROM payments
        WHERE card_brand = 'SQUARE_GIFT_CARD'""",
    "no_user_id": """SELECT avg((user_id IS NOT NULL)::INT) FROM web_events
        WHERE event_name = 'session_start' AND platform = 'WEB' AND user_pseudo_id IS NOT NULL
            AND coalesce(user_id, 'null') IN ('undefined', '0', 'null')""",
    # Of all orders: those of visitors who refuse analytics name no browser.
    "store_tablet": """SELECT avg((record_id IS NOT NULL AND person_id IS NULL)::INT)
        FROM web_orders
        LEFT JOIN truth.identifiers ON system = 'ga_client' AND record_id = ga_client_id""",
    "gift": f"""SELECT avg((recipient_first_name <> first_name
        OR recipient_last_name <> last_name)::INT)
        FROM web_orders JOIN {_owner("web_order", "order_no::VARCHAR")}""",
    "second_account": f"""SELECT avg((accounts > 1)::INT)
        FROM (SELECT count(*) AS accounts FROM {_WEB} GROUP BY person_id)""",
    "wrong_profile": f"""SELECT avg((holder.person_id <> persons.person_id)::INT)
        FROM till_orders JOIN {_owner("till_order", "order_id")}
        JOIN truth.identifiers AS holder ON holder.system = 'till_customer'
            AND holder.record_id = square_customer_id""",
    "birth_date_error": f"""SELECT avg((typed[-5:] <> strftime(birth_date, '%m-%d')
        OR typed[:4] NOT IN ('0000', strftime(birth_date, '%Y')))::INT)
        FROM (SELECT square_customer_id, birth_date AS typed FROM till_customers) AS t
        JOIN {_owner("till_customer", "square_customer_id")}
        WHERE typed IS NOT NULL""",
    "consent_change": "SELECT avg((consent_changed_at IS NOT NULL)::INT) FROM truth.persons",
    "misspelt_link": """SELECT avg((medium <> lower(medium) OR medium LIKE '% ' OR medium LIKE
        '%!%20' ESCAPE '!')::INT) FROM web_events WHERE medium IS NOT NULL""",
    "payment_referral": """SELECT avg(coalesce(source = 'paypal.com', false)::INT)
        FROM web_events WHERE event_name = 'purchase' AND consent_analytics""",
    "unlisted_click": """SELECT avg((c.campaign_no IS NULL)::INT)
        FROM (FROM truth.exposures WHERE is_click) AS e
        LEFT JOIN (SELECT click_id, campaign_no FROM ad_clicks) AS c USING (click_id)""",
    "nobodys_session": """SELECT avg((browser IS NOT NULL OR traffic_type IS NOT NULL)::INT)
        FROM web_events WHERE event_name = 'session_start' AND platform = 'WEB'""",
    "no_browser_attribute": """SELECT avg((ga_client_id IS NULL)::INT)
        FROM web_orders JOIN web_events ON order_name = transaction_id
        WHERE user_pseudo_id IS NOT NULL""",
    "wrong_clock": """SELECT avg(ahead::INT) FROM (
        SELECT bool_or(observed_at > received_at) AS ahead FROM pings GROUP BY device_id)""",
}


@pytest.mark.parametrize("rate", _SHOWN)
def test_a_rate_is_what_the_records_show(
    both: duckdb.DuckDBPyConnection, level: NoiseLevel, rate: str
) -> None:
    """Roughly: what shows is diluted, as by people who own no second card."""
    asked = getattr(LEVELS[level], rate)
    shown = _value(both, _SHOWN[rate])
    if asked == 0:
        assert shown == 0
    else:
        assert 0.6 * asked - 0.005 < shown < 1.4 * asked + 0.005


def test_without_noise_every_record_describes_its_person(
    both: duckdb.DuckDBPyConnection, level: NoiseLevel
) -> None:
    wrong = _value(both, f"SELECT count(*) FROM {_WEB} WHERE email <> true_email")
    assert (wrong > 0) == (level != "none")


def test_a_recycled_card_has_one_owner_at_a_time(
    both: duckdb.DuckDBPyConnection, level: NoiseLevel
) -> None:
    recycled = """
        FROM loyalty_accounts AS first JOIN loyalty_accounts AS second USING (card_no)
        WHERE first.enrolled_at < second.enrolled_at
    """
    if level != "usual":  # where one in some hundred cards is
        assert (_value(both, f"SELECT count(*) {recycled}") > 0) == (level == "worst")
    late_use = f"""
        SELECT count(*) FROM loyalty_points AS used
        JOIN (SELECT first.loyalty_account_id, min(second.enrolled_at) AS left_at
            {recycled} GROUP BY 1) AS past USING (loyalty_account_id)
        JOIN till_orders AS sale USING (order_id)
        WHERE sale.created_at > left_at
    """
    assert _value(both, late_use) == 0


def test_after_a_withdrawal_no_event_names_the_person(both: duckdb.DuckDBPyConnection) -> None:
    """And a browser of its own speaks only while its owner consents."""
    against = _value(
        both,
        """
        SELECT count(*) FROM web_events
        JOIN truth.identifiers ON system = 'ga_client' AND record_id = user_pseudo_id
        JOIN truth.persons USING (person_id)
        -- Members of a household share browsers, each with a consent of their own.
        WHERE household_id IN (
                SELECT household_id FROM truth.persons GROUP BY 1 HAVING count(*) = 1
            )
            -- A session goes on under the consent that it began with.
            AND make_timestamp(event_ts_us) - INTERVAL 40 MINUTE > coalesce(
                consent_changed_at, TIMESTAMP '2000-01-01')
            AND persons.consent_analytics = (consent_changed_at IS NOT NULL)
        """,
    )
    assert against == 0


def test_both_kinds_of_change_of_consent_are_seen(
    both: duckdb.DuckDBPyConnection, level: NoiseLevel
) -> None:
    """Somebody was recognised before a withdrawal, and somebody after a late consent."""
    seen = both.execute(
        """
        SELECT DISTINCT p.consent_analytics FROM web_events
        JOIN truth.identifiers ON system = 'ga_client' AND record_id = user_pseudo_id
        JOIN truth.persons AS p USING (person_id) WHERE p.consent_changed_at IS NOT NULL
        """
    ).fetchall()
    assert len(seen) == (0 if level == "none" else 2)


_ADDRESSES = f"""
    SELECT household_id, person_id, created_at, street FROM {_WEB} WHERE street IS NOT NULL
    UNION ALL SELECT household_id, person_id, created_at, street FROM {_TILL}
    WHERE street IS NOT NULL
"""


def test_a_household_has_one_address_until_it_moves(
    both: duckdb.DuckDBPyConnection, level: NoiseLevel
) -> None:
    written = both.execute(f"SELECT household_id, street FROM ({_ADDRESSES})").fetchall()
    homes: dict[int, set[str]] = {}
    for household, street in written:
        number = re.findall(r"\d+", street)[-1 if street[-1].isdigit() else 0]
        homes.setdefault(household, set()).add(number)
    several = sum(len(found) > 1 for found in homes.values())
    assert all(len(found) <= 2 for found in homes.values())
    assert (several > 0) == (level != "none")


def test_birth_dates_are_of_people_who_can_shop(both: duckdb.DuckDBPyConnection) -> None:
    ages = both.execute(
        "SELECT min(y), max(y) FROM (SELECT date_diff('year', birth_date, DATE '2026-02-01') AS y"
        " FROM truth.persons)"
    ).fetchone()
    assert ages is not None
    assert 14 <= ages[0] < ages[1] <= 95


@given(
    st.lists(st.dates(date(1931, 1, 1), date(2012, 1, 1)), min_size=1, max_size=30),
    st.sampled_from([0.0, 0.5, 1.0]),
    st.integers(0, 999),
)
def test_a_checked_birth_date_exists(days: list[date], errors: float, seed: int) -> None:
    born = np.array([(day - date(1970, 1, 1)).days for day in days])
    typed = birth_dates(np.random.default_rng(seed), born, errors, is_checked=True)
    read = [date.fromisoformat(text) for text in typed]
    if errors == 0:
        assert read == days


def test_free_text_takes_dates_that_do_not_exist() -> None:
    born = np.full(200, (date(1984, 3, 25) - date(1970, 1, 1)).days)
    typed = set(birth_dates(np.random.default_rng(1), born, 1.0, is_checked=False))
    assert "1984-25-03" in typed
    assert "1984-03-25" not in typed


@given(st.lists(st.integers(0, 2**25 - 1), min_size=2, max_size=20), st.integers(0, 4))
def test_a_home_keeps_its_house_number(homes: list[int], country: int) -> None:
    key = np.array([*homes, *homes])
    written = streets(np.random.default_rng(0), key, np.full(key.size, country), seed=1)
    first, second = written[: len(homes)], written[len(homes) :]
    for a, b in zip(first, second, strict=True):
        assert re.findall(r"\d+", a) == re.findall(r"\d+", b)
