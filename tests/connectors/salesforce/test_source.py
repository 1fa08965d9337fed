"""The requests of Salesforce, against shapes from its published documents."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.check import check
from connectors.core.errors import ExtractFailed
from connectors.core.settings import Connection
from connectors.extract import LoadResult, extract
from connectors.registry import SOURCES
from connectors.salesforce import source as salesforce
from tests.connectors.salesforce.shape import NEXT, QUERY, Org, refused
from tests.connectors.shape import JUNE, run
from tests.connectors.vendor_stub import Answer, Request, Vendor
from warehouse.landing.errors import SettingError
from warehouse.landing.zone import Landing

HOUR = timedelta(hours=1)
FORBIDDEN = {"errorCode": "INSUFFICIENT_ACCESS", "message": "insufficient access rights"}


def load(org: Org, folder: Path, stream: str = "contacts", hours: int = 0) -> LoadResult:
    until = JUNE + hours * HOUR
    (result,) = extract(SOURCES["salesforce"], org.connection, str(folder), until, streams=[stream])
    return result


def with_extra(org: Org, **extra: Any) -> Connection:
    return Connection(org.vendor.url, "id", "secret", {**org.connection.extra, **extra})


def queries(vendor: Vendor) -> list[str]:
    return [request.query["q"] for request in vendor.seen(QUERY)]


# Reading ---------------------------------------------------------------------------------------


def test_deleted_records_are_asked_for_too_by_time_and_id(vendor: Vendor, tmp_path: Path) -> None:
    org = Org(vendor)
    org.add("a", JUNE - HOUR)
    load(org, tmp_path)
    assert queries(vendor) == [
        "SELECT Id, CreatedDate, SystemModstamp, IsDeleted, AccountId, MasterRecordId, FirstName,"
        " LastName, Birthdate, Email, Phone, MobilePhone, HomePhone, MailingStreet, MailingCity,"
        " MailingPostalCode, MailingCountry, LeadSource, HasOptedOutOfEmail, HasOptedOutOfFax,"
        " DoNotCall FROM Contact WHERE SystemModstamp >= 1999-01-14T00:00:00.000Z AND"
        " SystemModstamp <= 2026-06-01T00:00:00.000Z ORDER BY SystemModstamp, Id"
    ]
    sent = vendor.seen(QUERY)[0].headers
    assert sent["Sforce-Query-Options"] == "batchSize=2000"
    assert sent["Authorization"] == "Bearer t1"


def test_times_land_as_every_engine_reads_them(vendor: Vendor, tmp_path: Path) -> None:
    """Salesforce writes +0000, without a colon."""
    org = Org(vendor)
    org.add("a", JUNE - HOUR)
    load(org, tmp_path)
    cursors = pq.read_table(tmp_path / "salesforce" / "contacts")["_cursor"].to_pylist()
    assert cursors == ["2026-05-31T23:00:00.000Z"]


def test_records_older_than_ten_years_are_read(vendor: Vendor, tmp_path: Path) -> None:
    org = Org(vendor)
    org.add("a", JUNE - timedelta(days=20 * 365))
    assert load(org, tmp_path).rows == 1


def test_a_record_that_is_seen_minutes_after_it_was_stamped_is_found(
    vendor: Vendor, tmp_path: Path
) -> None:
    """A transaction of ten minutes ends after a load has seen what was stamped later."""
    org = Org(vendor)
    org.add("quick", JUNE - HOUR)
    load(org, tmp_path)
    org.add("slow", JUNE - HOUR - timedelta(minutes=10))
    assert load(org, tmp_path, hours=1).rows == 2


@pytest.mark.parametrize("rows", [5, 9], ids="{} of one second".format)
def test_locators_that_keep_dying_within_one_second_lose_nothing(
    vendor: Vendor, tmp_path: Path, rows: int
) -> None:
    """A bulk update stamps thousands alike, and other applications use up the locators."""
    org = Org(vendor, page_size=2)
    for number in range(rows):
        org.add(f"r{number}", JUNE - HOUR)
    org.add("later", JUNE - HOUR / 2)
    vendor.on("GET", f"{NEXT}-2", org.expired)
    assert load(org, tmp_path).rows == rows + 1
    assert any("Id > 'r1'" in soql for soql in queries(vendor))


def test_a_locator_is_not_asked_again_in_another_session(vendor: Vendor, tmp_path: Path) -> None:
    org = Org(vendor, page_size=2)
    org.fill([timedelta(minutes=number) for number in range(5)])
    sessions: dict[str, str] = {}

    def of_its_session(request: Request) -> Any:
        token = request.headers["Authorization"]
        if request.path == QUERY or sessions.get("owner") == token:
            sessions["owner"] = token
            return org.answer(request)
        return refused("INVALID_SESSION_ID", "Session expired or invalid", 401)

    vendor.on("GET", f"{NEXT}-2", refused("INVALID_SESSION_ID", "", 401), of_its_session)
    vendor.on("GET", QUERY, of_its_session)
    assert load(org, tmp_path).rows == 5
    assert org.tokens == 2


def test_a_locator_that_leads_elsewhere_is_not_followed(vendor: Vendor, tmp_path: Path) -> None:
    org = Org(vendor)
    elsewhere = Vendor()
    try:
        address = f"{elsewhere.url}/services/data/v68.0/query/01g-1"
        page = {"totalSize": 2, "done": False, "records": [], "nextRecordsUrl": address}
        vendor.on("GET", QUERY, Answer(page))
        with pytest.raises(ExtractFailed, match=r"next page leads to 127\.0\.0\.1"):
            load(org, tmp_path)
        assert elsewhere.requests == []
    finally:
        elsewhere.close()


@pytest.mark.parametrize("code", ["QUERY_TIMEOUT", "OPERATION_TOO_LARGE"])
def test_a_query_that_takes_too_long_is_asked_for_less_time(
    vendor: Vendor, tmp_path: Path, waits: list[float], code: str
) -> None:
    org = Org(vendor, page_size=2)
    org.fill([timedelta(hours=number) for number in range(9)])
    found = org.select

    def select(soql: str) -> list[dict[str, Any]]:
        rows = found(soql)
        if len(rows) > 4:
            raise TimeoutError
        return rows

    def answer(request: Request) -> Any:
        try:
            return org.first(request)
        except TimeoutError:
            return refused(code)

    org.select = select  # type: ignore[method-assign]
    vendor.on("GET", QUERY, answer)
    assert load(org, tmp_path).rows == 9


def test_a_query_that_always_takes_too_long_ends_in_one_error(
    vendor: Vendor, tmp_path: Path, waits: list[float]
) -> None:
    org = Org(vendor)
    vendor.on("GET", QUERY, refused("QUERY_TIMEOUT", "Your query request was running too long"))
    with pytest.raises(ExtractFailed, match="even a query for one second takes Salesforce too"):
        load(org, tmp_path)


# What is not shown -----------------------------------------------------------------------------


def test_a_field_that_the_user_may_not_see_is_named_and_the_rest_is_read(
    vendor: Vendor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    org = Org(vendor)
    org.hidden |= {"Birthdate", "HasOptedOutOfEmail"}
    org.add("a", JUNE - HOUR)
    with caplog.at_level(logging.WARNING):
        result = load(org, tmp_path)
    assert (result.rows, result.unseen) == (1, ("Birthdate", "HasOptedOutOfEmail"))
    assert "does not show Birthdate, HasOptedOutOfEmail to our credentials" in caplog.text
    assert "Birthdate" not in queries(vendor)[0]
    told = [each.text for each in check(SOURCES["salesforce"], org.connection, JUNE)]
    assert any("does not show Birthdate, HasOptedOutOfEmail" in text for text in told)


def test_what_only_some_orgs_have_is_read_there_and_missed_by_nobody_else(
    vendor: Vendor, tmp_path: Path
) -> None:
    org = Org(vendor)
    assert load(org, tmp_path).unseen == ()
    org.hidden.clear()
    load(org, tmp_path, hours=1)
    assert "IsPersonAccount" in queries(vendor)[-1]
    assert "IsPersonAccount" not in queries(vendor)[0]


def test_the_readme_lists_the_fields_that_a_user_must_be_shown() -> None:
    readme = Path(salesforce.__file__).with_name("README.md").read_text()

    def row(entity: salesforce.Entity) -> str:
        fields, optional = (
            ", ".join(f"`{name}`" for name in names) or "–"
            for names in (entity.fields, entity.optional)
        )
        return f"| {entity.name} | {fields} | {optional} |"

    assert "\n".join(map(row, salesforce.ENTITIES)) in readme


def test_an_object_that_is_not_shown_fails_alone_and_is_named(
    vendor: Vendor, tmp_path: Path
) -> None:
    org = Org(vendor)
    org.add("a", JUNE - HOUR)
    missing = refused("NOT_FOUND", "The requested resource does not exist", 404)
    vendor.on("GET", f"{salesforce.DATA}/sobjects/Lead/describe", missing)
    names = ["contacts", "leads"]
    with pytest.raises(ExtractFailed, match=r"1 of 2 streams failed(.|\n)*shows no object Lead"):
        extract(SOURCES["salesforce"], org.connection, str(tmp_path), JUNE, streams=names)


# What is gone ----------------------------------------------------------------------------------


def test_records_that_go_without_a_trace_are_found_by_the_days_sweep(
    vendor: Vendor, tmp_path: Path
) -> None:
    """Campaign members have no recycle bin, and an emptied one tells nothing."""
    org = Org(vendor, entity=salesforce.CAMPAIGN_MEMBER)
    for tag in ("a", "b"):
        org.add(tag, JUNE - HOUR)
    load(org, tmp_path, "campaign_members")
    del org.records["b"]
    load(org, tmp_path, "campaign_members", hours=25)
    rows = pq.read_table(tmp_path / "salesforce" / "campaign_members")["_payload"].to_pylist()
    gone = [json.loads(row) for row in rows if '"deleted":true' in row]
    assert [each["Id"] for each in gone] == ["b"]


@pytest.mark.parametrize("how", ["own records", "one object", "not told"])
def test_nothing_counts_as_gone_for_who_may_not_see_all(
    vendor: Vendor, tmp_path: Path, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    """Records that are shared with us no longer look just like deleted ones."""
    org = Org(vendor)

    def rights(request: Request) -> Any:
        if how == "not told":
            return Answer([FORBIDDEN], 403)
        objects = [{"SobjectType": "Lead"}] if how == "one object" else []
        is_own = "UserPermissionAccess" in request.query["q"]
        rows: list[Any] = [{"PermissionsViewAllData": False}] if is_own else objects
        return {"totalSize": len(rows), "done": True, "records": rows}

    vendor.on("GET", f"{salesforce.DATA}/query", rights)
    identity = {"identity": "https://login.salesforce.com/id/00D1/0051"}
    vendor.on("GET", f"{salesforce.DATA}/", Answer(identity))
    for tag in ("a", "b"):
        org.add(tag, JUNE - HOUR)
    load(org, tmp_path)
    del org.records["b"]
    with caplog.at_level(logging.WARNING):
        load(org, tmp_path, hours=25)
    rows = pq.read_table(tmp_path / "salesforce" / "contacts")["_payload"].to_pylist()
    assert not any('"deleted"' in row for row in rows if row)
    assert "grant Contact: View All Records" in caplog.text


# Limits ----------------------------------------------------------------------------------------


def test_requests_that_are_used_up_are_not_waited_for(
    vendor: Vendor, tmp_path: Path, waits: list[float]
) -> None:
    org = Org(vendor)
    said = refused("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403)
    vendor.on("GET", QUERY, said)
    with pytest.raises(ExtractFailed, match="requests of 24 hours are used up"):
        load(org, tmp_path)
    assert waits == []


def test_the_last_of_the_orgs_requests_are_left_to_others(vendor: Vendor, tmp_path: Path) -> None:
    org = Org(vendor, page_size=2)
    org.fill([timedelta(minutes=number) for number in range(5)])
    usage = "api-usage=13501/15000; per-app-api-usage=17/250(appName=sample-app)"

    def spend(number: int, body: bytes) -> Answer:
        return Answer(body, headers={"Sforce-Limit-Info": usage})

    org.spoil = spend
    with pytest.raises(ExtractFailed, match=r"used 13,501 of its 15,000 .*beyond 90%"):
        load(org, tmp_path)
    assert Landing(str(tmp_path)).stream("salesforce", "contacts").load_ids() == []
    org.connection = with_extra(org, requests_percent=95)
    assert load(org, tmp_path).rows == 5


@pytest.mark.parametrize("said", ["much", 0, 101])
def test_a_limit_that_is_none_is_refused(said: Any) -> None:
    connection = Connection("https://x.my.salesforce.com", "id", "s", {"requests_percent": said})
    with pytest.raises(SettingError, match=r"extra\.requests_percent"):
        SOURCES["salesforce"].open(connection)


# Money and the company's own fields ------------------------------------------------------------


def opportunities(vendor: Vendor, *tags: str) -> Org:
    org = Org(vendor, entity=salesforce.OPPORTUNITY)
    for number, tag in enumerate(tags):
        org.add(tag, JUNE - HOUR, Amount="~1.0E7~", Order_Name__c=f"#{number}")
    return org


def described(org: Org, *more: dict[str, Any]) -> None:
    """The org has these fields, too."""
    shown = org.describe(Request("", "", {}, {}, b""))["fields"]
    fields = {"fields": [*shown, *more]}
    path = f"{salesforce.DATA}/sobjects/{org.entity.name}/describe"
    org.vendor.on("GET", path, Answer(fields))


def test_an_org_of_one_currency_is_asked_which(vendor: Vendor, tmp_path: Path) -> None:
    org = opportunities(vendor, "a")
    org.connection = with_extra(org, currency="")
    told = {"features": {"multiCurrency": False, "defaultCurrencyIsoCode": "JPY"}}
    vendor.on("GET", f"{salesforce.DATA}/connect/organization", Answer(told))
    (found,) = run(tmp_path, "salesforce", "opportunities", org.connection)
    assert found["CurrencyIsoCode"] == "JPY"
    assert found["Amount"] == 10_000_000


def test_a_currency_that_nobody_tells_is_no_guess(vendor: Vendor, tmp_path: Path) -> None:
    org = opportunities(vendor, "a")
    org.connection = with_extra(org, currency="")
    told = {"features": {"multiCurrency": False}}
    vendor.on("GET", f"{salesforce.DATA}/connect/organization", Answer(told))
    with pytest.raises(ExtractFailed, match=r"set extra\.currency of the connection"):
        load(org, tmp_path, "opportunities")


def test_an_org_of_several_currencies_that_hides_them_is_an_error(
    vendor: Vendor, tmp_path: Path
) -> None:
    """Its corporate currency is not that of each amount."""
    org = opportunities(vendor, "a")
    org.connection = with_extra(org, currency="")
    told = {"features": {"multiCurrency": True, "defaultCurrencyIsoCode": "USD"}}
    vendor.on("GET", f"{salesforce.DATA}/connect/organization", Answer(told))
    with pytest.raises(ExtractFailed, match="the org has several currencies, and does not show"):
        load(org, tmp_path, "opportunities")


def test_an_org_of_several_currencies_names_each(vendor: Vendor, tmp_path: Path) -> None:
    org = opportunities(vendor)
    org.hidden.clear()
    org.add("a", JUNE - HOUR, CurrencyIsoCode="KWD")
    (found,) = run(tmp_path, "salesforce", "opportunities", org.connection)
    assert found["CurrencyIsoCode"] == "KWD"
    assert "CurrencyIsoCode" in queries(vendor)[0]


def test_the_companys_own_field_lands_under_one_name(vendor: Vendor, tmp_path: Path) -> None:
    org = opportunities(vendor, "a", "b")
    described(org, {"name": "Order_Name__c"})
    org.strays = [b"null"]
    org.connection = with_extra(org, order_field="Order_Name__c")
    found = run(tmp_path, "salesforce", "opportunities", org.connection)
    assert [each["order_name"] for each in found] == ["#0", "#1"]
    assert "Order_Name__c" in queries(vendor)[0]


def test_an_own_field_that_is_not_there_is_named_and_stops_nothing(
    vendor: Vendor, tmp_path: Path
) -> None:
    org = opportunities(vendor, "a")
    org.connection = with_extra(org, order_field="Order_Nam__c")
    result = load(org, tmp_path, "opportunities")
    assert (result.rows, result.unseen) == (1, ("Order_Nam__c",))


def test_an_own_field_that_is_a_formula_is_told(
    vendor: Vendor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its changes do not stamp the record."""
    org = opportunities(vendor, "a")
    described(org, {"name": "Order_Name__c", "calculated": True})
    org.connection = with_extra(org, order_field="Order_Name__c")
    with caplog.at_level(logging.WARNING):
        assert load(org, tmp_path, "opportunities").rows == 1
    assert "Order_Name__c is a formula" in caplog.text


@pytest.mark.parametrize("name", ["Order Name", "Id FROM User", "x'", "Ordér__c\n"])
def test_an_own_field_is_a_name_and_no_query(vendor: Vendor, tmp_path: Path, name: str) -> None:
    org = opportunities(vendor, "a")
    org.connection = with_extra(org, order_field=name)
    with pytest.raises(ExtractFailed, match="must be the API name of a field of Opportunity"):
        load(org, tmp_path, "opportunities")
    assert vendor.seen(QUERY) == []


# Signing in ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def pem(key: rsa.RSAPrivateKey) -> str:
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, form, serialization.NoEncryption()).decode()


def test_the_private_key_signs_a_user_in(
    vendor: Vendor, tmp_path: Path, key: rsa.RSAPrivateKey
) -> None:
    org = Org(vendor)
    extra = {"private_key": pem(key), "username": "o2o@example.com"}
    org.connection = Connection(vendor.url, "consumer-key", "", extra)
    org.add("a", JUNE - HOUR)
    assert load(org, tmp_path).rows == 1
    form = vendor.seen(salesforce.TOKENS)[0].form
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    audience = "https://login.salesforce.com"
    claims = jwt.decode(form["assertion"], key.public_key(), ["RS256"], audience=audience)
    assert (claims["iss"], claims["sub"]) == ("consumer-key", "o2o@example.com")
    assert claims["exp"] - claims["iat"] <= 180


@pytest.mark.parametrize(
    ("host", "extra", "message"),
    [
        ("https://login.salesforce.com", {}, "must be your org's My Domain"),
        ("https://test.salesforce.com/", {}, "must be your org's My Domain"),
        ("", {"private_key": "no key", "username": "u"}, "must be an RSA key in PEM form"),
        ("", {"private_key": "no key"}, "must say which user"),
        ("", {}, "password must be the client secret"),
    ],
)
def test_what_cannot_sign_in_is_told(
    vendor: Vendor, tmp_path: Path, host: str, extra: dict[str, str], message: str
) -> None:
    org = Org(vendor)
    org.connection = Connection(host or vendor.url, "id", "", extra)
    with pytest.raises((ExtractFailed, SettingError), match=message) as failed:
        load(org, tmp_path)
    assert "no key" not in str(failed.value)


@pytest.mark.parametrize(
    ("host", "audience"),
    [
        ("acme.my.salesforce.com", "https://login.salesforce.com"),
        ("acme--uat.sandbox.my.salesforce.com", "https://test.salesforce.com"),
    ],
)
def test_a_sandbox_is_signed_into_as_one(host: str, audience: str, key: rsa.RSAPrivateKey) -> None:
    extra = {"private_key": pem(key), "username": "u"}
    grant = salesforce._grant(Connection(f"https://{host}", "id", "", extra), host)
    claims = jwt.decode(grant["assertion"], options={"verify_signature": False})
    assert claims["aud"] == audience
