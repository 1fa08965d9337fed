"""What was erased never lands again, in whatever spelling; what is others' lands as it came."""

from __future__ import annotations

import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.registry import SOURCES
from tests.identifiers.spellings import READ_AS
from warehouse.landing import suppression
from warehouse.landing.errors import SettingError
from warehouse.landing.personal import Personal, blank, spellings
from warehouse.landing.suppression import Guard
from warehouse.landing.zone import Landing

ORDERS = Personal(
    "blank",
    who={"customer.id": "customer_id"},
    carries={"email": "email", "phone": "phone", "tags.value": "app_device_id"},
    record="order_id",
    also=("name",),
)
CUSTOMERS = Personal("drop", carries={"email": "email", "phone": "phone"}, record="customer_id")
ERASED = {
    ("email", "annaschmidt@gmail.com"),
    ("email", "anna@example.com"),
    ("phone", "491701234567"),
    ("phone", "01701234567"),
    ("phone", "1701234567"),
    ("customer_id", "1234567"),
    ("fact:order_id", "O-777"),
}


def guard(personal: Personal | None) -> Guard:
    return Guard(personal, lambda *entry: entry in ERASED, {kind for kind, _ in ERASED})


def upper_in_places(text: str) -> st.SearchStrategy[str]:
    return st.tuples(*(st.sampled_from([c, c.upper()]) for c in text)).map("".join)


def dotted(name: str) -> st.SearchStrategy[str]:
    return st.tuples(*(st.sampled_from([c, f"{c}."]) for c in name)).map(
        lambda parts: "".join(parts).rstrip(".")
    )


SPACES = st.sampled_from(["", " ", "\t", "  "])
EMAILS = st.one_of(
    upper_in_places("anna@example.com"),
    st.builds(
        lambda name, suffix, domain: f"{name}{suffix}@{domain}",
        dotted("annaschmidt"),
        st.sampled_from(["", "+", "+shop", "+a.b"]),
        st.sampled_from(["gmail.com", "GMail.com", "googlemail.com"]),
    ),
)
PHONES = st.builds(
    lambda begin, gaps: (
        begin + "".join(f"{gap}{digit}" for gap, digit in zip(gaps, "1701234567", strict=True))
    ),
    st.sampled_from(["+49", "0049", "+49 ", "00 49", "0", "(0)", "49"]),
    st.lists(st.sampled_from(["", "", "", " ", "-", "/", "."]), min_size=10, max_size=10),
)
VALUES = st.one_of(
    st.tuples(st.just("email"), st.builds("{}{}{}".format, SPACES, EMAILS, SPACES)),
    st.tuples(st.just("phone"), st.builds("{}{}{}".format, SPACES, PHONES, SPACES)),
)


@given(VALUES)
@settings(max_examples=300)
def test_an_erased_value_lands_in_no_spelling(value: tuple[str, str]) -> None:
    path, text = value
    payload = json.dumps({"id": "9", path: text, "total": "12.30", "name": "Anna Schmidt"})
    assert guard(CUSTOMERS).payload("9", payload) is None
    rest = guard(ORDERS).payload("9", payload)
    assert rest is not None
    assert json.loads(rest) == {"id": "9", path: None, "total": "12.30", "name": None}
    # Also where nobody said that it may stand, if the vendor thinks of a new field.
    note = json.dumps({"id": "9", "note": f"asked for {text.strip()}, please call", "total": 1.10})
    found = guard(None).payload("9", note, thorough=True)
    assert found is not None
    assert json.loads(found)["note"] is None
    if path == "email":
        assert guard(ORDERS).payload("9", note) == found


@pytest.mark.parametrize("is_ascii", [True, False])
def test_whatever_is_read_as_an_erased_value_does_not_land(is_ascii: bool) -> None:
    for path, text, erased in READ_AS:
        payload = json.dumps({path: text}, ensure_ascii=is_ascii)
        judge = Guard(CUSTOMERS, lambda *entry, erased=erased: entry in erased, {path})
        assert judge.payload("9", payload) is None, text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=12,
)
SHAPES = st.fixed_dictionaries(
    {},
    optional={
        "customer": st.fixed_dictionaries({"id": st.sampled_from(["gid://x/Customer/55", "66"])}),
        "email": st.sampled_from(["b@example.com", "Anna@Example.org", "", None]),
        "phone": st.sampled_from(["+491709999999", "0", None, 5]),
        "tags": st.lists(st.fixed_dictionaries({"value": st.text(max_size=5)}), max_size=2),
        "rest": JSON,
    },
)


@pytest.mark.parametrize("thorough", [True, False])
def test_a_payload_that_is_no_json_goes_if_it_names_somebody(thorough: bool) -> None:
    """One that was cut off when it landed: nobody can tell whose it is but by what it says."""
    judge = guard(CUSTOMERS)
    theirs = '{"id": "7", "email": "anna@example.com", "na'
    assert judge.payload("1", theirs, thorough=thorough) is None
    assert judge.dropped == 1
    others = '{"id": "7", "email": "somebody@else.example", "na'
    assert judge.payload("1", others, thorough=thorough) == others


@given(
    SHAPES, st.sampled_from([None, 2]), st.booleans(), st.sampled_from([CUSTOMERS, ORDERS, None])
)
@settings(max_examples=300)
def test_the_rows_of_others_are_the_same_text(
    item: dict[str, Any], indent: int | None, is_ascii: bool, personal: Personal | None
) -> None:
    payload = json.dumps(item, indent=indent, ensure_ascii=is_ascii)
    for thorough in (False, True):
        judge = guard(personal)
        assert judge.payload("8", payload, thorough=thorough) is payload
        assert (judge.dropped, judge.blanked) == (0, 0)


@given(JSON, st.sampled_from([None, 1]), st.booleans())
@settings(max_examples=300)
def test_blanking_visits_every_plain_value_and_keeps_the_rest(
    item: Any, indent: int | None, is_ascii: bool
) -> None:
    payload = json.dumps(item, indent=indent, ensure_ascii=is_ascii)
    seen: list[Any] = []
    assert blank(payload, lambda _, value: bool(seen.append(value))) == payload
    assert seen == [leaf for leaf in leaves(item) if leaf is not None]

    def emptied(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: emptied(inner) for name, inner in value.items()}
        return [emptied(inner) for inner in value] if isinstance(value, list) else None

    assert json.loads(blank(payload, lambda *_: True)) == emptied(item)


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return [leaf for one in inner for leaf in leaves(one)]
    return [value]


def test_on_a_persons_row_shared_values_go_too_but_not_what_is_anothers_record() -> None:
    payload = (
        '{"id":"gid://x/Order/O-777", "email":"family@example.com","total":1.10,'
        '"customer":{"id":"gid://x/Customer/55"},"tags":[{"key":"device","value":"D1"}]}'
    )
    rest = guard(ORDERS).payload("gid://x/Order/O-777", payload)
    assert rest == (
        '{"id":"gid://x/Order/O-777", "email":null,"total":1.10,'
        '"customer":{"id":"gid://x/Customer/55"},"tags":[{"key":"device","value":null}]}'
    )
    assert guard(ORDERS).payload("O-778", payload.replace("O-777", "O-778")) is not None


SHOP, TWIN = "shop", "shop__b"
PINGS = Personal("drop", refers={"user": "customer_id"}, carries={"device": "app_device_id"})
PAYMENTS = Personal("blank", who={"customer": "customer_id"}, via={"order": "order_id"})


def bound(personal: Personal, connection: str, erased: set[tuple[str, str]]) -> Guard:
    kinds = {kind for kind, _ in erased}
    return Guard(personal.of(connection, kinds), lambda *entry: entry in erased, kinds)


def test_an_id_is_of_the_connection_that_gave_it_out() -> None:
    erased = {("shop_customer_id", "1234567"), ("fact:shop_order_id", "O-777")}
    customer, order = '{"id":"1234567"}', '{"id":"O-777","name":"Anna","customer":{"id":"55"}}'
    assert bound(CUSTOMERS, SHOP, erased).payload("1234567", customer) is None
    assert bound(CUSTOMERS, TWIN, erased).payload("1234567", customer) is customer
    rest = bound(ORDERS, SHOP, erased).payload("O-777", order)
    assert rest == '{"id":"O-777","name":null,"customer":{"id":"55"}}'
    assert bound(ORDERS, TWIN, erased).payload("O-777", order) is order
    # Whoever paid for an erased order, or has the number.
    for payment in ('{"order":"O-777","customer":"1234567"}', '{"customer":"1234567"}'):
        rest = bound(PAYMENTS, SHOP, erased).payload(None, payment)
        assert rest == payment.replace('"1234567"', "null")
        assert bound(PAYMENTS, TWIN, erased).payload(None, payment) is payment


def test_who_names_another_systems_customer_may_mean_either() -> None:
    ping = '{"user":"1234567","device":"D1"}'
    for shop in (SHOP, TWIN):
        erased = {(f"{shop}_customer_id", "1234567"), ("fact:shop_order_id", "7654321")}
        assert bound(PINGS, "beacons", erased).payload("p", ping) is None
        for other in ("7654321", "55"):
            kept = ping.replace("1234567", other)
            assert bound(PINGS, "beacons", erased).payload("p", kept) is kept
    # On a row that stays, the number goes.
    said = Personal("blank", carries={"email": "email"}, refers={"user": "customer_id"})
    rest = bound(said, "crm", erased).payload("c", '{"user":"1234567","n":1}')
    assert rest == '{"user":null,"n":1}'
    assert list(said.of("crm", {kind for kind, _ in erased}).identifiers("c", {"user": "9"})) == [
        ("shop__b_customer_id", "9")
    ]


def test_what_somebody_else_is_called_too_stands_where_nothing_is_declared() -> None:
    erased = {("shop_customer_id", "1234567"), ("email", "anna@example.com")}
    told = '{"id":"1234567","note":"1234567"}'

    def judge(personal: Personal, connection: str) -> Guard:
        guard = bound(personal, connection, erased)
        guard.is_named = lambda kind, spelling: (
            (kind, spelling) in erased - {("shop_customer_id", "1234567")}
        )
        return guard

    assert judge(CUSTOMERS, TWIN).payload("1234567", told, thorough=True) is told
    assert judge(CUSTOMERS, SHOP).payload("1234567", told, thorough=True) is None
    both = '{"id":"1234567","note":"of anna@example.com"}'
    rest = judge(CUSTOMERS, TWIN).payload("1234567", both, thorough=True)
    assert rest == '{"id":"1234567","note":null}'


def test_each_path_that_is_declared_exists_in_its_stream() -> None:
    """A typing error in a declaration would keep nothing out."""
    declared = [s for source in SOURCES.values() for s in source.streams if s.personal]
    assert len(declared) >= 9
    records = {s.personal.record for s in declared if s.personal}
    for stream in declared:
        assert stream.personal is not None
        assert set(stream.personal.via.values()) <= records, stream.name


def test_the_list_is_kept_with_a_key_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("O2O_SUPPRESSION_KEY", raising=False)
    landing = Landing(str(tmp_path))
    assert not suppression.read(landing)
    assert not (tmp_path / "_suppression").exists(), "nobody was erased: nothing is made"
    suppression.write(landing, "e1", ERASED)
    key = tmp_path / "_suppression" / "key"
    assert stat.S_IMODE(os.stat(key).st_mode) == 0o600
    text = (tmp_path / "_suppression" / "e1.json").read_text()
    assert not [value for _, value in ERASED if value in text]
    known = suppression.read(landing)
    assert known
    assert all(known.is_erased(kind, value) for kind, value in ERASED)
    assert not known.is_erased("email", "b@example.com")
    assert not known.is_erased("phone", "1234567"), "a value is erased as what it was"

    secret = key.read_text()
    key.unlink()
    with pytest.raises(SettingError, match="would come back"):
        suppression.read(landing)
    with pytest.raises(SettingError, match="would come back"):
        suppression.write(landing, "e2", ERASED)  # never with a new key
    monkeypatch.setenv("O2O_SUPPRESSION_KEY", "another")
    with pytest.raises(SettingError, match="another key"):
        suppression.write(landing, "e2", ERASED)
    with pytest.raises(SettingError, match="another key"):
        suppression.read(landing)
    monkeypatch.setenv("O2O_SUPPRESSION_KEY", secret)
    assert suppression.read(landing)
    assert suppression.revoke(landing, "e1")
    assert not suppression.revoke(landing, "e1")
    assert not suppression.read(landing)


def test_beside_an_object_store_the_key_must_be_given(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("O2O_SUPPRESSION_KEY", raising=False)
    landing = Landing(f"{bucket}/landing")
    with pytest.raises(SettingError, match="set O2O_SUPPRESSION_KEY"):
        suppression.write(landing, "e1", ERASED)
    monkeypatch.setenv("O2O_SUPPRESSION_KEY", "given")
    suppression.write(landing, "e1", ERASED)
    assert suppression.read(Landing(f"{bucket}/landing")).is_erased("email", "anna@example.com")


def test_a_rewritten_load_keeps_its_id_its_state_and_true_counts(tmp_path: Path) -> None:
    place = Landing(str(tmp_path)).stream("shop", "orders")
    with place.lock(), place.begin({"since": "a"}) as load:
        load.add([(str(n), "c", json.dumps({"n": n})) for n in range(5)])
        load.cover("2026-06-01")
        load.quarantine([("bad", "x"), ("bad", "y")])
        load.suppressed = 3
        load.commit({"cursor": "c"})
    before = pq.read_table(f"{place.folder}/{load.load_id}.parquet")
    with place.lock():
        place.rewrite_quarantine(load.load_id, lambda table: table.slice(1))
        place.rewrite(load.load_id, lambda table: table.slice(2))
    found = place.read(load.load_id)
    assert (found.rows, found.quarantined, found.suppressed) == (3, 1, 3)
    assert (found.state, found.window) == ({"cursor": "c"}, {"since": "a"})
    after = pq.read_table(f"{place.folder}/{load.load_id}.parquet")
    assert after.schema == before.schema
    assert after.to_pylist() == before.slice(2).to_pylist()
    assert os.listdir(place.folder) == [f"{load.load_id}.parquet"]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("email", " Anna.Schmidt+x@GoogleMail.com ", ["annaschmidt@gmail.com"]),
        ("email", "A.B@Example.com", ["a.b@example.com"]),
        ("email", "no address", []),
        ("email", "a@b.de, Ben <b@b.de>", ["a@b.de", "b@b.de"]),  # read as none, but not to land
        ("phone", "0049 170/123-4567", ["491701234567"]),
        (
            "phone",
            "01701234567, 0151 7654321",
            ["01701234567", "01517654321", "0170123456701517654321"],
        ),
        ("phone", "12-3", []),
        ("customer_id", "gid://shop/Customer/12", ["12"]),
        ("contact_id", "12;34", ["12", "34"]),
    ],
)
def test_spellings(kind: str, value: str, expected: list[str]) -> None:
    assert spellings(kind, value) == expected


JUNE = datetime(2026, 6, 1, tzinfo=UTC)


def test_a_load_drops_blanks_and_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from connectors.core.http import Client
    from connectors.core.paging import Run
    from connectors.core.settings import Connection
    from connectors.core.source import Api, Source, Stream
    from connectors.core.verbatim import split
    from connectors.extract import extract

    def rows(at: datetime) -> list[Any]:
        moment = at.isoformat()
        return [
            {"id": "1", "updated": moment, "email": "ANNA@example.com", "total": 5},
            {"id": "2", "updated": moment, "email": "b@example.com", "total": 6},
            "Anna, anna@example.com",  # not an object
            "somebody",
        ]

    given: list[Any] = rows(JUNE)
    source = Source(
        "shop",
        "Shop",
        "tests",
        "0 * * * *",
        (),
        (),
        tuple(
            Stream(
                name,
                "",
                lambda api, window: iter([Run(lambda start: iter([split(json.dumps(given), ())]))]),
                "id",
                "updated",
                personal=personal,
            )
            for name, personal in (("orders", ORDERS), ("customers", CUSTOMERS))
        ),
        lambda connection: Api(Client(""), connection),
    )
    landing = Landing(str(tmp_path))
    suppression.write(landing, "e1", ERASED)
    results = extract(source, Connection(), str(tmp_path), JUNE + timedelta(hours=1))
    assert [(r.stream, r.rows, r.quarantined) for r in results] == [
        ("orders", 2, 1),
        ("customers", 1, 1),
    ]
    orders, customers = (landing.stream("shop", r.stream) for r in results)
    assert [
        place.read(r.load_id).suppressed
        for place, r in zip((orders, customers), results, strict=True)
    ] == [2, 2]
    landed = [
        [json.loads(text) for text in pq.read_table(place.folder)["_payload"].to_pylist()]
        for place in (orders, customers)
    ]
    assert [(row["id"], row["email"], row["total"]) for row in landed[0]] == [
        ("1", None, 5),
        ("2", "b@example.com", 6),
    ]
    assert [row["id"] for row in landed[1]] == ["2"]
    assert customers.state()["cursor"] == orders.state()["cursor"], "the state goes on"

    # A row that is dropped is no reason to read it again and again.
    given[:] = rows(JUNE + timedelta(days=1))[:1]
    extract(source, Connection(), str(tmp_path), JUNE + timedelta(days=2), streams=["customers"])
    assert customers.state()["cursor"].startswith("2026-06-02")


def test_who_was_erased_under_a_kind_of_another_name_stays_out(tmp_path: Path) -> None:
    landing = Landing(str(tmp_path))
    suppression.write(landing, "e1", [("ga_client_id", "GA1.2.34567890")])
    guard = suppression.read(landing).guard(
        Personal("drop", carries={"browser": "browser_id"}), "acme"
    )
    assert guard.payload("k", '{"browser": "GA1.2.34567890"}') is None
    assert guard.payload("k", '{"browser": "GA1.2.99999999"}') is not None


def test_who_was_erased_stays_out_when_the_connection_gets_another_name(tmp_path: Path) -> None:
    landing = Landing(str(tmp_path))
    suppression.write(landing, "e1", [("acme_customer_id", "1234567"), ("email", "a@b.example")])
    suppression.rename_kinds(landing, {"acme_customer_id": "acme__de_customer_id"})
    suppression.write(landing, "e2", [("acme_customer_id", "7654321")])
    suppression.rename_kinds(landing, {"acme__de_customer_id": "acme__eu_customer_id"})

    def lands(connection: str, number: str) -> bool:
        personal = Personal("drop", record="customer_id")
        guard = suppression.read(landing).guard(personal, connection)
        return guard.payload(number, "{}") is not None

    assert not lands("acme__eu", "1234567")
    assert lands("acme__de", "1234567"), "nobody has this name any longer"
    assert lands("acme", "1234567"), "the number of somebody else, in another account"
    assert not lands("acme", "7654321")
    assert lands("acme__eu", "7654321")
    assert suppression.read(landing).is_erased("email", "a@b.example")
