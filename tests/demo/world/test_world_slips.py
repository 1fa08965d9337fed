"""The slips of ordinary life, each with the truth of whose record it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.world import NoiseLevel, generate
from demo.world.changes import Changing, email_addresses, phone_numbers
from demo.world.families import mail_readers, make_twins, name_after_parents
from demo.world.horizon import DAY, Horizon
from demo.world.ids import texts
from demo.world.junk import default_emails, default_references
from demo.world.names import mistyped
from demo.world.spelling import spellings
from demo.world.tables import NEVER

HORIZON = Horizon(date(2026, 2, 1), 120, ["Europe/Berlin"])


@pytest.fixture(scope="module", params=["none", "worst"])
def level(request: pytest.FixtureRequest) -> NoiseLevel:
    name: NoiseLevel = request.param
    return name


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory, level: NoiseLevel
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The world as the current database, the truth attached as ``truth``."""
    folder = tmp_path_factory.mktemp("slips")
    generate(folder, persons=4_000, days=60, seed=14, noise=level)
    with duckdb.connect(str(folder / "world.duckdb"), read_only=True) as connection:
        connection.execute(f"ATTACH '{folder / 'truth.duckdb'}' AS truth (READ_ONLY)")
        yield connection


def _count(connection: duckdb.DuckDBPyConnection, rows: str) -> int:
    found = connection.execute(f"SELECT count(*) {rows}").fetchone()
    assert found is not None
    return int(found[0])


_OWNER = "truth.identifiers AS i ON i.system = '{}' AND i.record_id = {}::VARCHAR"
_WEB = f"web_customers AS w JOIN {_OWNER.format('web_customer', 'customer_no')}"
# What is there at `worst`, and never without noise.
_SLIPS = {
    "staff log-ins": "FROM web_customers WHERE email IS NULL",
    "guests' orders on a staff log-in": "FROM web_orders JOIN web_customers AS w"
    " USING (customer_no) WHERE w.email IS NULL AND web_orders.email IS NOT NULL",
    "names in other letters": "FROM web_customers WHERE regexp_matches(first_name, '[Α-Ωα-ωА-я]')",
    "names in kanji": "FROM till_customers WHERE regexp_matches(family_name, '[一-龯]')",
    "former names": f"FROM {_WEB} JOIN truth.persons AS p USING (person_id)"
    " WHERE length(w.last_name) > 3 AND levenshtein(w.last_name, p.last_name) > 3"
    " AND w.first_name = p.first_name",
    "last, first": "FROM crm_contacts WHERE contains(first_name, ', ') AND last_name IS NULL",
    "juniors": "FROM web_customers WHERE last_name LIKE '% Jr.'",
    "extensions": "FROM crm_contacts WHERE contains(phone, 'ext.')",
    "further addresses": "FROM crm_contacts WHERE additional_emails IS NOT NULL",
    "several further addresses": "FROM crm_contacts WHERE contains(additional_emails, ';')",
    "addresses that change": "FROM web_customers WHERE email_changed_at IS NOT NULL",
    "walk-in profiles": "FROM till_customers WHERE given_name = 'Walk-in'",
    "user ids that are none": "FROM web_events WHERE user_id IN ('undefined', '0', 'null')",
    "gift cards of several payers": """FROM (
        SELECT card_fingerprint FROM payments
        JOIN truth.identifiers ON system = 'till_order' AND record_id = order_id
        WHERE card_brand = 'SQUARE_GIFT_CARD' AND card_fingerprint IS NOT NULL
        GROUP BY 1 HAVING count(DISTINCT person_id) > 1)""",
    "addresses of two people": """FROM (
        SELECT email FROM till_customers
        JOIN truth.identifiers ON system = 'till_customer' AND record_id = square_customer_id
        JOIN truth.persons USING (person_id) WHERE email = true_email
        GROUP BY email HAVING count(DISTINCT person_id) > 1)""",
}


@pytest.mark.parametrize("slip", _SLIPS)
def test_a_slip_happens_with_noise_alone(
    both: duckdb.DuckDBPyConnection, level: NoiseLevel, slip: str
) -> None:
    assert (_count(both, _SLIPS[slip]) > 0) == (level == "worst")


@pytest.mark.parametrize(
    ("system", "records"),
    [
        ("web_customer", "SELECT customer_no FROM web_customers WHERE email IS NULL"),
        ("till_customer", "SELECT square_customer_id FROM till_customers"
         " WHERE given_name = 'Walk-in'"),
        ("card_fingerprint", "SELECT card_fingerprint FROM payments"
         " WHERE card_brand = 'SQUARE_GIFT_CARD' AND card_fingerprint IS NOT NULL"),
    ],
)  # fmt: skip
def test_what_stands_for_anybody_is_nobodys(
    both: duckdb.DuckDBPyConnection, system: str, records: str
) -> None:
    owned = f"""FROM truth.identifiers WHERE system = '{system}' AND person_id IS NOT NULL
        AND record_id IN (SELECT id::VARCHAR FROM ({records}) AS t (id))"""
    assert _count(both, owned) == 0


def test_a_staff_log_in_has_a_phone_and_many_tablets(
    both: duckdb.DuckDBPyConnection, level: NoiseLevel
) -> None:
    used = both.execute(
        f"""
        SELECT w.phone, count(DISTINCT user_pseudo_id), count(DISTINCT i.person_id)
        FROM web_customers AS w JOIN web_events ON user_id = customer_no::VARCHAR
        JOIN {_OWNER.format("ga_client", "user_pseudo_id")}
        WHERE w.email IS NULL GROUP BY 1
        """
    ).fetchall()
    for phone, tablets, owners in used:
        assert phone
        assert tablets > 2
        assert owners == 0
    assert bool(used) == (level == "worst")


def test_a_changed_address_counts_from_then_on(
    both: duckdb.DuckDBPyConnection, level: NoiseLevel
) -> None:
    changes = both.execute(
        """
        SELECT customer_no, former_email, email, email_changed_at FROM web_customers
        WHERE email_changed_at > TIMESTAMP '2026-02-01'
        """
    ).fetchall()
    assert bool(changes) == (level == "worst")
    for number, former, email, at in changes:
        assert former != email
        told = "SELECT email, updated_at FROM web_customers_as_of(?) WHERE customer_no = ?"
        before = both.execute(f"{told} AND ? > created_at", [at - _SECOND, number, at]).fetchall()
        assert [address for address, _ in before] in ([former], [])
        assert both.execute(told, [at, number]).fetchall() == [(email, at)]
    # An order has the address of its time.
    wrong = """FROM web_orders AS o JOIN web_customers AS w USING (customer_no)
        WHERE w.email IS NOT NULL AND sold_shop_no IS NULL AND o.email <> CASE
            WHEN o.created_at < email_changed_at THEN former_email ELSE w.email END
            AND o.order_no NOT IN (SELECT order_no FROM web_order_lines WHERE is_gift_card)"""
    assert _count(both, wrong) == 0


_SECOND = duckdb.sql("SELECT INTERVAL 1 SECOND").fetchall()[0][0]


def test_at_the_web_shop_no_two_people_have_one_address(both: duckdb.DuckDBPyConnection) -> None:
    shared = f"""FROM (SELECT email FROM {_WEB} WHERE email IS NOT NULL
        GROUP BY email HAVING count(DISTINCT person_id) > 1)"""
    assert _count(both, shared) == 0


def test_further_addresses_are_the_owners(both: duckdb.DuckDBPyConnection) -> None:
    lists = both.execute("SELECT email, additional_emails FROM crm_contacts").fetchall()
    for email, further in lists:
        if further:
            assert email not in further.split(";")
            assert all(each.count("@") == 1 for each in further.split(";"))


# --- Names ----------------------------------------------------------------------------------------


@given(st.text("abcdefghij", min_size=4, max_size=12), st.floats(0, 1, exclude_max=True))
def test_a_slip_is_one_letter_behind_the_first(name: str, drawn: float) -> None:
    typed = mistyped(name, drawn)
    assert typed[0] == name[0]
    assert abs(len(typed) - len(name)) <= 1
    if len(typed) == len(name):
        assert sorted(typed) == sorted(name)


# --- Families -------------------------------------------------------------------------------------

_HEAD = np.array([0, 0, 0, 0, 4, 4, 6])
_BORN = np.array([-9000, -9500, 300, 900, -8000, 1000, 0])


def test_children_of_families_of_four_may_be_twins() -> None:
    rng, birth = np.random.default_rng(1), _BORN.copy()
    first = np.array(["Anna", "Ben", "Jan", "Jan", "Uwe", "Tim", "Mia"], dtype=object)
    names = [["Jan", "Jana", "Uwe"]]
    twins = make_twins(rng, _HEAD, birth, first, names, np.zeros(7, np.int64), 1.0)
    assert twins.nonzero()[0].tolist() == [2, 3]
    assert birth[2] == birth[3] == _BORN[2]
    assert first[2] == "Jan"
    assert first[3] in {"Jana", "Uwe"}


def test_a_child_may_have_both_names_of_a_parent() -> None:
    names = (texts("F{}", np.arange(7)), texts("L{}", np.arange(7)))
    named = name_after_parents(np.random.default_rng(1), _HEAD, _BORN, names, 1.0)
    assert named.nonzero()[0].tolist() == [2, 3, 5]  # not the partners
    assert names[0].tolist() == ["F0", "F1", "F0", "F0", "F4", "F4", "F6"]
    assert names[1].tolist() == ["L0", "L1", "L0", "L0", "L4", "L4", "L6"]


def test_couples_may_read_one_mailbox() -> None:
    readers = mail_readers(np.random.default_rng(1), _HEAD, _BORN, 1.0)
    assert readers.tolist() == [0, 0, 2, 3, 4, 5, 6]  # not parent and child


# --- What changes hands ---------------------------------------------------------------------------


def _holders(changing: Changing) -> dict[str, list[tuple[int, int, int]]]:
    """By value: who had it from when until when."""
    found: dict[str, list[tuple[int, int, int]]] = {}
    for i, since in enumerate(changing.since.tolist()):
        if since != NEVER:
            found.setdefault(changing.former[i], []).append((NEVER, since, i))
        found.setdefault(changing.now[i], []).append((since, np.iinfo(np.int64).max, i))
    return found


@pytest.mark.parametrize("seed", range(3))
def test_a_number_has_one_holder_at_a_time_and_rests_in_between(seed: int) -> None:
    n = np.arange(500)
    phone, another = texts("+49{}", n), texts("+49{}", n + 1000)
    rng = np.random.default_rng(seed)
    changing = phone_numbers(rng, phone, another, n % 3, HORIZON, 0.1)
    held = [sorted(holders) for holders in _holders(changing).values() if len(holders) > 1]
    assert 20 < len(held) < 80
    for (_, left, first), (taken, _, second) in held:
        assert taken - left >= 90 * DAY
        assert first != second
        assert first % 3 == second % 3  # of one country


@pytest.mark.parametrize("seed", range(3))
def test_an_address_is_left_before_a_stranger_has_it(seed: int) -> None:
    email = texts("a{}@gmail.com", np.arange(500))
    rng = np.random.default_rng(seed)
    changing = email_addresses(rng, email, HORIZON, 0.2, 0.5)
    held = [sorted(holders) for holders in _holders(changing).values() if len(holders) > 1]
    assert 25 < len(held) < 75
    for (_, left, first), (taken, _, second) in held:
        assert taken - left >= 30 * DAY
        assert first != second
    calm = email_addresses(np.random.default_rng(seed), email, HORIZON, 0.0, 0.5)
    assert calm.at(np.arange(500), np.zeros(500, np.int64)).tolist() == email.tolist()


# --- How things are written -----------------------------------------------------------------------

_NUMBERS = {"DE": "+4915123456789", "FR": "+33612345678", "GB": "+447712345678",
            "US": "+13112345678", "JP": "+819012345678"}  # fmt: skip


@pytest.mark.parametrize("country", _NUMBERS)
def test_spellings_of_a_number_are_of_that_number(country: str) -> None:
    """By its digits: the country's code and a trunk zero aside, all are there in their order."""
    number = _NUMBERS[country]
    code = {"DE": "49", "FR": "33", "GB": "44", "US": "1", "JP": "81"}[country]
    own = number.removeprefix(f"+{code}")
    for spelling in (*spellings(number, country, is_free=True), number):
        digits = re.sub(r"\D", "", spelling.split(" ext.")[0])
        assert digits.removeprefix("00").removeprefix(code).removeprefix("0") == own, spelling
    for spelling in spellings(number, country, is_free=False):  # as Square takes it
        assert re.fullmatch(r"\+?[\d -]+", spelling), spelling
        assert 9 <= len(re.sub(r"\D", "", spelling)) <= 16


def test_what_staff_type_for_nothing_overwrites_nothing() -> None:
    rng = np.random.default_rng(1)
    told = np.array(["a@b.de", None] * 50, dtype=object)
    default_emails(rng, told, 1.0)
    assert told[::2].tolist() == ["a@b.de"] * 50
    assert None not in told.tolist()
    cards = np.array(["2900", None] * 50, dtype=object)
    filled = default_references(rng, cards, 1.0)
    assert filled.tolist() == [False, True] * 50
    assert {"n/a", "VIP"} <= set(cards[1::2])
