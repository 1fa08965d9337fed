"""Erasing from a small installation: what goes, what stays, and what is refused."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from connectors.registry import SOURCES
from o2o.cli import app
from o2o.people.erasure import database, files, landed, work
from o2o.people.erasure.plan import ErasureError, Plan
from o2o.people.erasure.search import Search
from o2o.people.erasure.spelling import literal, loose
from o2o.pipeline import publish, remote_copy
from o2o.pipeline.paths import Paths
from tests.identifiers.spellings import READ_AS
from tests.object_store import ObjectStore
from warehouse.landing import suppression
from warehouse.landing.zone import Landing, StreamLanding

ANNA, BEN = "a" * 32, "b" * 32
KEY = "test"
PHONE, FAMILY = "+49 170 1234567", "+49 30 7654321"
ANNAS = ("6100000001", "anna@example.com", "old.anna@example.com", "491701234567")

CUSTOMERS = [
    ("6100000001", "Anna@Example.com", PHONE, "Anna"),
    ("6100000002", "ben@example.com", FAMILY, "Ben"),
]


def customer(number: str, email: str, phone: str, name: str) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/Customer/{number}",
        "firstName": name,
        "defaultEmailAddress": {"emailAddress": email},
        "defaultPhoneNumber": {"phoneNumber": phone},
    }


def order(number: str, email: str | None, phone: str | None, owner: str | None) -> dict[str, Any]:
    who = {"id": f"gid://shopify/Customer/{owner}"} if owner else None
    money = {"shopMoney": {"amount": "33.10"}}
    return {
        "id": f"gid://shopify/Order/{number}",
        "email": email,
        "phone": phone,
        "customer": who,
        "totalPriceSet": money,
        "lines": 1.10,
    }


ORDERS = [
    order("5500000001", "anna@example.com", FAMILY, "6100000001"),
    order("5500000002", None, FAMILY, None),  # Anna's as a guest, with the family's phone
    order("5500000003", "ben@example.com", FAMILY, "6100000002"),
    {**order("5500000004", "c@example.com", None, None), "note": "gift of ANNA@example.com!"},
]


def hashed(value: str) -> str:
    return hashlib.sha256(f"{KEY}|{value}".encode()).hexdigest()


def land(
    landing: Landing,
    stream: str,
    rows: list[dict[str, Any]],
    bad: list[str],
    connection: str = "shopify",
) -> None:
    place = landing.stream(connection, stream)
    with place.lock(), place.begin({}) as load:
        load.add([(row["id"], "2026-06-01T00:00:00Z", json.dumps(row)) for row in rows])
        load.quarantine([("not an object", text) for text in bad])
        load.commit({"cursor": "2026-06-01T00:00:00Z"})


def build(paths: Paths) -> None:
    """The tables that an erasure looks at, as small as they can be."""
    observations = [
        ("customer", "6100000001", "email", "anna@example.com"),
        ("customer", "6100000001", "phone", "491701234567"),
        ("order", "5500000001", "email", "anna@example.com"),
        ("order", "5500000002", "phone", "49307654321"),
        ("customer", "6100000002", "email", "ben@example.com"),
        ("customer", "6100000002", "phone", "49307654321"),
        ("order", "5500000003", "email", "ben@example.com"),
        ("order", "5500000004", "email", "c@example.com"),
    ]
    owners = {"6100000001": ANNA, "5500000001": ANNA, "5500000002": ANNA}
    owners |= {"6100000002": BEN, "5500000003": BEN}
    paths.warehouse.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(paths.warehouse)) as con:
        con.execute(TABLES)
        con.executemany(
            "insert into intermediate.int_identity__observations"
            " values (?, 'shopify', ?, ?, ?, ?, null)",
            [(f"shopify:{k}:{i}", k, i, t, hashed(v)) for k, i, t, v in observations],
        )
        con.executemany("insert into owners values (?, ?)", list(owners.items()))
        con.executemany(
            "insert into staging.stg_shopify__customers values ('shopify', ?, ?, ?, ?)", CUSTOMERS
        )
        con.executemany(
            "insert into staging.stg_shopify__orders"
            " values ('shopify', ?, ?, ?, ?, [{'note': ?, 'n': 1}], 3310)",
            [staged(each) for each in ORDERS],
        )
        con.execute(IDENTITY)


def staged(row: dict[str, Any]) -> tuple[Any, ...]:
    owner = row["customer"] and row["customer"]["id"][-10:]
    return row["id"][-10:], row["email"] or "", row["phone"], owner, row.get("note", "none")


TABLES = f"""
create schema seeds;
create schema staging;
create schema intermediate;
create schema marts;
create table seeds.blocked_identifiers as
    select 'email' as identifier_type, '^info@' as pattern, 'placeholder' as reason;
create table staging.stg_o2o__company_rows (
    table_name varchar, identifier_type varchar, pattern varchar);
create table intermediate.int_identity__observations (
    record_key varchar, connection varchar, record_kind varchar, record_id varchar,
    identifier_type varchar, identifier_hash varchar, blocked_reason varchar);
create temp table owners (record_id varchar, customer_id varchar);
create table staging.stg_shopify__customers (
    connection varchar not null, shopify_customer_id varchar not null, email varchar,
    phone varchar, first_name varchar);
create table staging.stg_shopify__orders (
    connection varchar not null, shopify_order_id varchar not null,
    email varchar not null, phone varchar,
    shopify_customer_id varchar, parts struct(note varchar, n integer)[], total_minor bigint);
create view staging.orders_view as from warehouse.staging.stg_shopify__orders;
create table marts.dim_customers as
    select unnest(['{ANNA}', '{BEN}']) as customer_id, 'DE' as country_code;
create table marts.fct_orders as
    select unnest(['O1', 'O2', 'O3']) as order_id,
        unnest(['{ANNA}', '{ANNA}', '{BEN}']) as customer_id, 3310 as total_minor;
comment on table marts.fct_orders is 'One row per order';
create table marts.fct_customer_ltv (customer_id varchar not null, historic_value_amount integer);
insert into marts.fct_customer_ltv values ('{ANNA}', 66), ('{BEN}', 33);
"""
# A record that was Anna's long ago is somebody else's now.
IDENTITY = f"""
create table intermediate.int_identity__links as
    select record_key, concat(identifier_type, ':', identifier_hash) as link_key
    from intermediate.int_identity__observations;
create table intermediate.int_identity__persons as
    select distinct record_key, connection, 'shopify' as source_system, record_kind, record_id,
        customer_id
    from intermediate.int_identity__observations left join owners using (record_id);
create table intermediate.int_identity__memberships as
    select record_key, customer_id, date '2026-01-01' as valid_from, cast(null as date) as valid_to
    from intermediate.int_identity__persons where customer_id is not null
    union all
    select 'shopify:order:5500000004', '{ANNA}', date '2025-01-01', date '2025-02-01';
"""


def publish_by_decree(paths: Paths) -> None:
    paths.published.parent.mkdir(parents=True)
    tables = {"dim_customers": 2, "fct_orders": 3}
    at = "2026-06-01T00:00:00+00:00"
    manifest = publish.Publication(at, "passed", "audit-1", "", "", 1, 0, [], tables)
    with duckdb.connect(str(paths.published)) as con:
        con.execute(f"attach '{paths.warehouse}' as warehouse (read_only)")
        con.execute("create schema marts")
        for name in tables:
            con.execute(f"create table marts.{name} as from warehouse.marts.{name}")
        con.execute("create table publication (published_at timestamptz, manifest varchar)")
        con.execute("insert into publication values (?, ?)", [at, json.dumps(asdict(manifest))])
    paths.published.chmod(0o444)
    text = json.dumps({"file": "o2o.duckdb", **asdict(manifest)})
    publish.manifest_path(paths.published).write_text(text)


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setenv("O2O_IDENTITY_KEY", KEY)
    monkeypatch.delenv("O2O_SUPPRESSION_KEY", raising=False)
    return installed(Paths(tmp_path / "home", str(tmp_path / "home" / "landing")))


def installed(paths: Paths) -> Paths:
    landing = Landing(paths.landing_url)
    older = customer("6100000001", "Old.Anna@example.com", PHONE, "Anna")
    land(landing, "customers", [older], [])
    land(landing, "customers", [customer(*row) for row in CUSTOMERS], [])
    land(landing, "orders", ORDERS, ["Anna: anna@example.com", "nobody"])
    build(paths)
    publish_by_decree(paths)
    report = paths.reports / "audit-marts.json"
    report.parent.mkdir(parents=True)
    report.write_text(json.dumps({"ids": "6100000001, 6100000002"}))
    return paths


def traces(paths: Paths, *needles: str) -> list[str]:
    found = []
    for file in files.inside(paths.home):
        text = file.read_bytes().decode("utf-8", "replace").lower()
        if file.suffix == ".parquet":
            text += str(duckdb.sql(f"from read_parquet('{file}')").fetchall()).lower()
        found += [f"{file.name}: {one}" for one in needles if one.lower() in text]
    return found


def rows(file: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(file), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_what_goes_and_what_stays(paths: Paths) -> None:
    annas = (*ANNAS, PHONE, ANNA)
    assert traces(paths, *annas)
    plan = work.prepare(paths, person=ANNA, requested_by="ticket 7")
    assert plan.theirs == {
        "email": ["Anna@Example.com", "Old.Anna@example.com", "anna@example.com"],
        "phone": [PHONE],
    }
    assert plan.shared == {"phone": 1}
    proof = work.complete(paths, plan)

    assert [t for t in traces(paths, *annas) if ANNA not in t] == []
    w = paths.warehouse
    assert rows(w, "select shopify_customer_id from staging.stg_shopify__customers") == [
        ("6100000002",)
    ]
    untold = [{"note": "none", "n": 1}]
    assert rows(w, "from staging.orders_view order by all") == [
        ("shopify", "5500000001", None, None, None, untold, 3310),
        ("shopify", "5500000002", "", None, None, untold, 3310),
        ("shopify", "5500000003", "ben@example.com", FAMILY, "6100000002", untold, 3310),
        ("shopify", "5500000004", "c@example.com", None, None, [{"note": None, "n": 1}], 3310),
    ]
    assert {
        key for (key,) in rows(w, "select record_id from intermediate.int_identity__persons")
    } == {
        "6100000002",
        "5500000003",
        "5500000004",
    }
    # History keeps that there was somebody, but not whose records these were.
    known = rows(
        w,
        "select record_key from intermediate.int_identity__memberships"
        f" where customer_id = '{ANNA}' order by all",
    )
    assert [key.startswith(f"erased:{plan.id}:") for (key,) in known] == [True] * 3 + [False]
    assert known[3] == ("shopify:order:5500000004",)
    for file in (w, paths.published):
        assert rows(file, "select customer_id from marts.dim_customers") == [(BEN,)]
        assert rows(file, "select * from marts.fct_orders order by all") == [
            ("O1", None, 3310),
            ("O2", None, 3310),
            ("O3", BEN, 3310),
        ]
    # What a customer is worth is of nobody without the customer.
    assert rows(w, "from marts.fct_customer_ltv") == [(BEN, 33)]
    assert rows(w, "select comment from duckdb_tables() where table_name = 'fct_orders'") == [
        ("One row per order",)
    ]
    current = publish.current(paths.published)
    assert current is not None
    assert (current.tables, current.erasures) == ({"dim_customers": 1, "fct_orders": 3}, 1)
    assert json.loads(publish.manifest_path(paths.published).read_text())["erasures"] == 1
    assert json.loads((paths.reports / "audit-marts.json").read_text()) == {
        "ids": "erased****, 6100000002"
    }

    place = Landing(paths.landing_url).stream("shopify", "orders")
    (load,) = place.load_ids()
    landed_orders = rows(w, f"select _payload from read_parquet('{place.folder}/{load}.parquet')")
    assert [json.loads(text)["email"] for (text,) in landed_orders] == [
        None,
        None,
        "ben@example.com",
        "c@example.com",
    ]
    assert [json.loads(text)["phone"] for (text,) in landed_orders] == [None, None, FAMILY, None]
    assert landed_orders[2] == (json.dumps(ORDERS[2]),), "others' rows are the same bytes"
    assert all('"amount": "33.10"' in text and '"lines": 1.1' in text for (text,) in landed_orders)
    assert (place.read(load).rows, place.read(load).quarantined) == (4, 1)
    assert proof["counts"]["landing"]["shopify.customers"] == {"files": 2, "dropped": 2}
    assert not work.pending_file(paths).exists()

    # Again: there is nobody any more.
    with pytest.raises(ErasureError, match="does not know this id"):
        work.prepare(paths, person=ANNA)


@pytest.mark.parametrize(
    "moment",
    [
        "rewriting what landed",
        "rewriting the warehouse",
        "rewriting publication and reports",
        "searching for what is left",
        "half a stream",
    ],
)
def test_stopped_anywhere_it_goes_on_where_it_was(
    paths: Paths, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def tell(step: str) -> None:
        if step == moment:
            raise Killed

    def rewrite(*_: Any) -> None:
        raise Killed

    plan = work.prepare(paths, person=ANNA)
    with monkeypatch.context() as patch:
        if moment == "half a stream":
            patch.setattr(StreamLanding, "rewrite", rewrite)
        with pytest.raises(Killed):
            work.complete(paths, plan, tell)
    assert not list(paths.home.glob("landing/_erasures/*"))
    assert (paths.home / "erasure" / "pending.json").stat().st_mode & 0o077 == 0
    done = CliRunner().invoke(app, ["erase"], env={"O2O_HOME": str(paths.home)})
    assert done.exit_code == 0, done.output
    assert "going on with it" in done.output
    assert traces(paths, *ANNAS, PHONE) == []
    place = Landing(paths.landing_url).stream("shopify", "orders")
    assert place.read(place.load_ids()[0]).quarantined == 1
    (proof,) = paths.home.glob("landing/_erasures/*.json")
    assert json.loads(proof.read_text())["counts"]["landing"]["shopify.customers"]["dropped"] == 2


def test_landing_and_state_in_an_object_store(
    bucket: str, object_store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("O2O_IDENTITY_KEY", KEY)
    monkeypatch.setenv("O2O_SUPPRESSION_KEY", "given")
    paths = installed(Paths(tmp_path / "a", f"{bucket}/landing", state_url=f"{bucket}/state"))
    keeper = remote_copy.State(paths)
    keeper.store_publication()
    keeper.store_reports({}, prune=False)
    other = Paths(tmp_path / "b", f"{bucket}/landing", state_url=f"{bucket}/state")
    remote_copy.pull(other)
    assert rows(other.published, "select count(*) from marts.dim_customers") == [(2,)]

    proof = work.complete(paths, work.prepare(paths, identifier="ANNA@example.com"))
    assert proof["verification"]["found"] == 0
    assert landed.found(Landing(paths.landing_url), literal(ANNAS)) == {}
    published = object_store.keys(f"{bucket}/state/published")
    assert len(published) == 2, "the manifest and one file: no older publication is kept"
    remote_copy.pull(other)
    assert rows(other.published, "select count(*) from marts.dim_customers") == [(1,)]
    assert traces(other, *ANNAS, ANNA) == []


def test_who_is_meant_must_be_clear(paths: Paths) -> None:
    def said(*arguments: str) -> str:
        done = CliRunner().invoke(
            app, ["erase", *arguments], env={"O2O_HOME": str(paths.home), "COLUMNS": "300"}
        )
        assert done.exit_code in (1, 2), done.output
        return done.output

    both = said("--identifier", "030 7654321", "--yes")
    assert "2 people carry this identifier" in both
    assert ANNA in both
    assert BEN in both
    assert "does not know this identifier" in said("--identifier", "x@example.com")
    assert "either --person or --identifier" in said()
    assert "names the person" in said(
        "--person", ANNA, "--yes", "--requested-by", "mail of anna@example.com"
    )
    assert "No erasure" in said("--revoke", "none")
    assert not list(paths.home.glob("landing/_suppression/*")), "nothing was begun"


@pytest.mark.parametrize(
    "identifier",
    [
        "anna@example.com",
        " ANNA@Example.com",
        "0170/1234567",
        "+49 170 1234567",
        "6100000001",
        "5500000001",
    ],
)
def test_a_person_is_found_by_whatever_identifies_them(paths: Paths, identifier: str) -> None:
    assert work.prepare(paths, identifier=identifier).customers == [ANNA]


def test_a_value_that_says_nothing_is_not_suppressed(paths: Paths) -> None:
    """Somebody gave the address of the shop: it must not keep all others out."""
    with duckdb.connect(str(paths.warehouse)) as con:
        con.execute(
            "insert into intermediate.int_identity__observations values"
            " ('shopify:order:5500000001', 'shopify', 'order', '5500000001', 'email', ?, 'junk')",
            [hashed("info@example.com")],
        )
    again = order("5500000001", "info@example.com", "0", "6100000001")
    land(Landing(paths.landing_url), "orders", [again], [])
    plan = work.prepare(paths, person=ANNA)
    assert ("email", "info@example.com") not in plan.erased
    assert not [value for kind, value in plan.erased if kind == "phone" and len(value) < 7]
    work.complete(paths, plan)
    assert traces(paths, "info@example.com") == [], "on the person's own row it is blanked"
    guard = suppression.read(Landing(paths.landing_url)).guard(None, "shopify")
    assert guard.payload("1", '{"note":"info@example.com"}') == '{"note":"info@example.com"}'


TWIN = "shopify__b"


def test_a_customer_of_another_shop_with_the_same_number_stays(paths: Paths) -> None:
    """What only says the number may be of either: that goes, too."""
    landing = Landing(paths.landing_url)
    cara = ("6100000001", "cara@example.com", "+49 40 1111111", "Cara")
    theirs = [customer(*cara)]
    orders = [order("5500000001", "cara@example.com", None, "6100000001")]
    land(landing, "customers", theirs, [], TWIN)
    land(landing, "orders", orders, [], TWIN)
    events = [{"id": f"e{n}", "user_id": user, "n": n} for n, user in enumerate([cara[0], "7"])]
    land(landing, "events", events, [], "ga4")
    notes = {"id": "90", "properties": {"email": "cara@example.com", "shop_id": cara[0]}}
    land(landing, "contacts", [notes], [], "hubspot")
    with duckdb.connect(str(paths.warehouse)) as con:
        for kind, number in (("customer", cara[0]), ("order", "5500000001")):
            con.execute(
                "insert into intermediate.int_identity__observations"
                " values (?, ?, ?, ?, 'email', ?, null)",
                [f"{TWIN}:{kind}:{number}", TWIN, kind, number, hashed(cara[1])],
            )
        con.execute(
            "insert into intermediate.int_identity__persons values (?, ?, 'shopify', ?, ?, ?)",
            [f"{TWIN}:customer:{cara[0]}", TWIN, "customer", cara[0], "c" * 32],
        )
        con.execute(
            "insert into staging.stg_shopify__customers values (?, ?, ?, ?, ?)", [TWIN, *cara]
        )
        con.execute(
            "insert into staging.stg_shopify__orders values (?, ?, ?, ?, ?, null, 3310)",
            [TWIN, "5500000001", cara[1], None, cara[0]],
        )
        con.execute(
            "create table staging.stg_ga4__events as"
            " select 'ga4' as connection, unnest(['6100000001', '7']) as user_id"
        )
    plan = work.prepare(paths, person=ANNA)
    assert plan.elsewhere == ["6100000001"]
    proof = work.complete(paths, plan)
    assert proof["verification"]["found"] == 0
    assert traces(paths, *ANNAS[1:], PHONE) == []

    def landed_in(connection: str, stream: str) -> list[str]:
        file = f"{landing.root}/{connection}/{stream}/*.parquet"
        return [
            text
            for (text,) in duckdb.sql(f"select _payload from read_parquet('{file}')").fetchall()
        ]

    assert landed_in(TWIN, "customers") == [json.dumps(row) for row in theirs]
    assert landed_in(TWIN, "orders") == [json.dumps(row) for row in orders]
    assert landed_in("ga4", "events") == [json.dumps(events[1])]
    assert landed_in("hubspot", "contacts") == [json.dumps(notes)]
    annas_order = json.loads(landed_in("shopify", "orders")[0])
    assert (annas_order["email"], annas_order["customer"]["id"]) == (None, None)

    w = paths.warehouse
    assert rows(w, "from staging.stg_shopify__customers order by all") == [
        ("shopify", *CUSTOMERS[1]),
        (TWIN, *cara),
    ]
    found = rows(w, "from staging.stg_shopify__orders where shopify_order_id = '5500000001'")
    assert sorted(found, key=str) == [
        ("shopify", "5500000001", None, None, None, [{"note": "none", "n": 1}], 3310),
        (TWIN, "5500000001", cara[1], None, cara[0], None, 3310),
    ]
    assert rows(w, "select user_id from staging.stg_ga4__events") == [("7",)]
    assert rows(
        w,
        "select record_key from intermediate.int_identity__persons"
        " where record_id in ('6100000001', '5500000001')",
    ) == [(f"{TWIN}:customer:6100000001",)]

    # Nor does a load keep them out: it knows whose number it is.
    guard = suppression.read(landing)
    personal = {s.name: s.personal for s in SOURCES["shopify"].streams}["customers"]
    key, text = theirs[0]["id"], json.dumps(theirs[0])
    assert guard.guard(personal, TWIN).payload(key, text) is text
    assert guard.guard(personal, "shopify").payload(key, text) is None


def test_what_the_search_still_finds_is_told_and_no_proof_is_left(paths: Paths) -> None:
    folder = paths.home / "exports"
    folder.mkdir()
    (folder / "mail.parquet").write_bytes(b"\xff\xfe anna@example.com \xff")
    plan = work.prepare(paths, person=ANNA)
    work.complete(paths, plan)
    assert b"anna" not in (folder / "mail.parquet").read_bytes(), (
        "any file of the run folder is searched"
    )


def test_what_the_demos_vendors_know_is_theirs(paths: Paths) -> None:
    paths.outside_world.mkdir()
    theirs = paths.outside_world / "orders.json"
    theirs.write_text("anna@example.com")
    work.complete(paths, work.prepare(paths, person=ANNA))
    assert theirs.read_text() == "anna@example.com"


def test_values_are_replaced_in_any_file_whatever_surrounds_them() -> None:
    search = Search(["anna@example.com", "o'neil@example.com", "zoë <1>", "6100000001"])
    for before, after in {
        b"ANNA@example.com,anna@example.com": b"erased**********,erased**********",
        b"<td>o&#x27;neil@example.com</td>o'neil@example.com": (
            b"<td>erased*****************</td>erased************"
        ),
        "zoë <1> zo\\u00eb <1> zoë &lt;1&gt;".encode(): b"erased** erased****** erased********",
        b"\x00\xff6100000001\xff": b"\x00\xfferased****\xff",
        b"16100000001 xanna@example.com": b"16100000001 xanna@example.com",
        b"": b"",
    }.items():
        assert search.replaced(before) == (after, after.count(b"erased"))
        assert bool(search.count(before)) == (after != before)
    assert Search([]).replaced(b"anything") == (b"anything", 0)


@pytest.mark.parametrize("name", ["w.duckdb", "w.duckdb.new", "w.duckdb.new.again"])
def test_a_database_is_searched_for_texts_that_follow_each_other(tmp_path: Path, name: str) -> None:
    search, file = Search(["LA7F7E66", "670042975", "33670042975123"]), tmp_path / name
    for content, count in {
        b"593835LA7F7E66721664": 1,
        b"x670042975y": 1,
        b"1670042975": 0,  # nine digits of a longer number are a chance
        b"1336700429751231": 1,
    }.items():
        file.write_bytes(content)
        assert search.count_in(file) == count, content


def test_a_large_file_is_searched_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("o2o.people.erasure.search.CHUNK", 64)
    monkeypatch.setattr("o2o.people.erasure.search.LONGEST", 16)
    file = tmp_path / "w.duckdb"
    for place in range(300):
        file.write_bytes(b"-" * place + b"LA7F7E66" + b"-" * (300 - place))
        assert Search(["LA7F7E66"]).count_in(file), place


@given(
    st.sampled_from(["anna.b@example.com", "jo@gmail.com", "49170123456", "sq-1-ab.c", "F71E5C"]),
    st.sampled_from(['{"a":"%s"}', "%s", "x %s, y", "id:%s;"]),
)
@settings(max_examples=60)
def test_patterns_find_words_and_only_words(value: str, frame: str) -> None:
    def matches(pattern: str, text: str) -> bool:
        return bool(duckdb.execute("select regexp_matches(?, ?)", [text, pattern]).fetchall()[0][0])

    assert matches(literal([value]), frame % value.upper())
    assert not matches(literal([value]), frame % f"7{value}")
    assert not matches(literal([]), frame % value)
    kind = "email" if "@" in value else "phone" if value.isdigit() else "id"
    assert matches(loose([(kind, value)]), frame % value)
    search = Search([value, "other"])
    assert search.count((frame % value.upper()).encode()) == 1
    assert search.count((frame % f"7{value}").encode()) == 0


@pytest.mark.parametrize("is_ascii", [True, False])
def test_the_loose_pattern_finds_whatever_is_read_as_the_value(is_ascii: bool) -> None:
    missed = [
        text
        for _, text, erased in READ_AS
        if not duckdb.execute(
            "select regexp_matches(?, ?)",
            [json.dumps({"note": text}, ensure_ascii=is_ascii), loose(erased)],
        ).fetchall()[0][0]
    ]
    assert missed == []


def test_a_plan_survives_the_disk(tmp_path: Path) -> None:
    plan = Plan("i", "t", erased=[("email", "a@b.c")], own={"email": ["A@b.c"]})
    plan.save(tmp_path / "p.json")
    assert Plan.load(tmp_path / "p.json") == plan


def test_what_a_killed_run_deleted_is_also_gone_from_the_file(tmp_path: Path) -> None:
    file, needle = tmp_path / "w.duckdb", "anna@example.com"
    with duckdb.connect(str(file)) as con:
        con.execute("pragma force_compression = 'uncompressed'")
        con.execute(f"create table t as select range || ' {needle}' as a from range(9)")
        con.execute("insert into t values ('somebody else')")
    with duckdb.connect(str(file)) as con:
        con.execute("delete from t where a like '%@%'")  # and the rewriting did not come
    search = Search([needle])
    assert search.count_in(file)
    assert database.erase(file, Plan("i", "t", hashes=[needle])) == {}
    assert not search.count_in(file)
    assert rows(file, "from t") == [("somebody else",)]


def test_what_a_killed_build_left_in_its_log_counts_and_is_searched(tmp_path: Path) -> None:
    file, log = tmp_path / "w.duckdb", tmp_path / "w.duckdb.wal"
    with duckdb.connect(str(file)) as con:
        con.execute("pragma disable_checkpoint_on_shutdown")
        con.execute("create table fct_notes (note varchar not null, n integer primary key)")
        con.execute("insert into fct_notes values ('to anna@example.com', 1), ('to Ben', 2)")
    assert log.exists()
    plan = Plan("i", "t", hashes=["anna@example.com"])
    assert database.found(file, plan) == {"main.fct_notes": 1}
    assert database.erase(file, plan) == {"main.fct_notes": {"blanked": 1}}
    assert not log.exists()
    assert rows(file, "from fct_notes order by n") == [(None, 1), ("to Ben", 2)]
    assert {each.name for each in tmp_path.iterdir()} == {"w.duckdb"}


def test_a_copy_that_lost_rows_takes_no_files_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "w.duckdb"
    with duckdb.connect(str(file)) as con:
        con.execute("create table t as select 'Ben' as a from range(3)")
    plan, before = Plan("i", "t", hashes=["anna@example.com"]), file.read_bytes()
    monkeypatch.setattr(database, "_copy", lambda *_: Counter())
    with pytest.raises(ErasureError, match=r"main\.t has 0 rows in the copy of .*, but 3 were"):
        database.erase(file, plan)
    assert file.read_bytes() == before
    monkeypatch.undo()
    assert database.erase(file, plan) == {}
    assert rows(file, "select count(*) from t") == [(3,)]
    assert {each.name for each in tmp_path.iterdir()} == {"w.duckdb"}


def test_what_lies_in_a_gap_of_the_new_file_is_not_left_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB puts uncleared memory into its blocks now and then; here, a name that nobody has."""
    file = tmp_path / "w.duckdb"
    with duckdb.connect(str(file)) as con:
        con.execute("create table t as select 'Ben' as a")
        con.execute("create view v as from w.main.t")
    found = iter((1, 1, 0))
    monkeypatch.setattr(Search, "count_in", lambda *_: next(found))
    assert database.erase(file, Plan("i", "t", hashes=["anna@example.com"])) == {}
    assert not list(found), "searched until there was nothing"
    assert rows(file, "from v") == [("Ben",)]
    assert {each.name for each in tmp_path.iterdir()} == {"w.duckdb"}
