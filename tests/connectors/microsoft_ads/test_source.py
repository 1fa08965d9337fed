"""What only Microsoft Advertising does, against shapes of its published reference."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from connectors.check import Finding, check
from connectors.core.errors import ExtractFailed
from connectors.extract import LoadResult, extract
from connectors.microsoft_ads import source, zones
from connectors.registry import SOURCES
from tests.connectors.microsoft_ads.shape import (
    ACCOUNT,
    ACCOUNTS,
    CAMPAIGNS,
    FILE,
    POLL,
    SUBMIT,
    Account,
    fault,
    packed,
)
from tests.connectors.shape import JUNE, run
from tests.connectors.vendor_stub import Answer, Vendor
from warehouse.landing.zone import Landing, StreamLanding

DAYS = [f"2026-05-{day:02}" for day in range(1, 32)]
SUCCESS = {"Status": "Success", "ReportDownloadUrl": None}


@pytest.fixture
def account(vendor: Vendor) -> Account:
    return Account(vendor)


def line(day: str, campaign: str = "7", **cells: str) -> list[str]:
    told = {"TimePeriod": day, "AccountId": "12", "CampaignId": campaign, "Spend": "1.10", **cells}
    return [told.get(name, "0") for name in source.COLUMNS]


def serve(account: Account, *files: Any, polls: list[Any] | None = None) -> None:
    """Orders are taken, made at once, and come as these files."""
    vendor = account.vendor
    url = f"{vendor.url}{FILE}"
    made = {"Status": "Success", "ReportDownloadUrl": url}
    answers = [{"ReportRequestStatus": told} for told in polls or [made]]
    vendor.on("POST", SUBMIT, Answer({"ReportRequestId": "1"}))
    vendor.on("POST", POLL, *(a if isinstance(a, Answer) else Answer(a) for a in answers))
    vendor.on("GET", FILE, *(f if isinstance(f, Answer) else Answer(f) for f in files))


def load(account: Account, folder: Path, **how: Any) -> LoadResult:
    (result,) = extract(
        SOURCES["microsoft_ads"],
        account.connection,
        str(folder),
        how.pop("until", JUNE),
        streams=["campaign_performance"],
        **how,
    )
    return result


def place(folder: Path) -> StreamLanding:
    return Landing(str(folder)).stream("microsoft_ads", "campaign_performance")


def test_an_order_says_what_the_report_is_of(
    account: Account, tmp_path: Path, waits: list[float]
) -> None:
    serve(account, packed([line("2026-05-31")]))
    extra = {**account.connection.extra, "start_date": "2026-04-02"}
    account.connection = replace(account.connection, extra=extra)
    load(account, tmp_path)
    load(account, tmp_path)
    *first, again = [request.json["ReportRequest"] for request in account.vendor.seen(SUBMIT)]
    assert len(first) == 2
    # Midnight UTC is still 31 May in New York, and 30 full days are read again.
    assert again["Time"]["CustomDateRangeStart"] == {"Day": 1, "Month": 5, "Year": 2026}
    assert again["Time"]["CustomDateRangeEnd"] == {"Day": 31, "Month": 5, "Year": 2026}
    assert again["Time"]["ReportTimeZone"] == "EasternTimeUSCanada"
    assert (again["Scope"], again["Type"]) == (
        {"AccountIds": ["12"]},
        "CampaignPerformanceReportRequest",
    )
    headers = account.vendor.seen(SUBMIT)[0].headers
    told = {name: headers[name] for name in ("DeveloperToken", "CustomerId", "CustomerAccountId")}
    assert list(told.values()) == ["d-of-the-company", "99", "12"]


def test_months_are_ordered_one_by_one(
    account: Account, tmp_path: Path, waits: list[float]
) -> None:
    extra = {**account.connection.extra, "start_date": ""}
    account.connection = replace(account.connection, extra=extra)
    serve(account, packed([]), polls=[SUCCESS])
    load(account, tmp_path)
    spans = [r.json["ReportRequest"]["Time"] for r in account.vendor.seen(SUBMIT)]
    spans = spans[::2]  # that there is nothing is asked twice
    assert len(spans) == 36
    assert spans[0]["CustomDateRangeStart"] == {"Day": 2, "Month": 6, "Year": 2023}


def test_a_row_is_what_the_file_s_columns_say(account: Account, tmp_path: Path) -> None:
    """By their names; what says that there is nothing is left out."""
    names = [*reversed(source.COLUMNS), "NewColumn"]
    told = dict(zip(source.COLUMNS, line("2026-05-31", Spend="1234.50"), strict=True))
    told |= {"CampaignName": 'Schuhe, "neu"\nÄ', "Revenue": "--", "Clicks": "", "NewColumn": "x"}
    cells = [told[name].replace('"', '""') for name in names]
    serve(account, packed([cells], names=names))
    assert load(account, tmp_path).rows == 1
    (row,) = place(tmp_path).standing(["2026-05-31"])["2026-05-31"]
    expected = {name: cell for name, cell in told.items() if name not in ("Revenue", "Clicks")}
    assert json.loads(row[2]) == expected
    assert row[0] == "7|2026-05-31"


def test_a_line_that_does_not_fit_is_set_aside(account: Account, tmp_path: Path) -> None:
    serve(account, packed([line("2026-05-31"), ["2026-05-31", "12"], line("31/05/2026", "8")]))
    result = load(account, tmp_path)
    assert (result.rows, result.quarantined) == (1, 2)


SPOILT = {
    "half a file": lambda body: body[: len(body) // 2],
    "a broken file": lambda body: broken(zipped(a="Rows: 0" + "x" * 1000)),
    "a file packed in another way": lambda body: packed_as(body, 99),
    "no file": lambda body: b"",
    "a page": lambda body: b"<html>maintenance</html>",
    "a table that is not packed": lambda body: b'"Rows: 0"\n',
    "two tables": lambda body: zipped(a="x", b="y"),
    "no table": lambda body: zipped(a="Report Name: x\n\nRows: 3\n"),
    "a table without its number of rows": lambda body: zipped(a=",".join(source.COLUMNS)),
    "a column less": lambda body: zipped(a="Rows: 0\n\n" + ",".join(source.COLUMNS[1:])),
    "an open quote": lambda body: zipped(a="Rows: 0\n\n" + ",".join(source.COLUMNS) + '\n"a'),
}


def broken(file: bytes) -> bytes:
    """An archive whose packed bytes make no sense."""
    at = file.index(b"a.csv") + 5
    return file[:at] + b"\xff" * 8 + file[at + 8 :]


def packed_as(file: bytes, method: int) -> bytes:
    """An archive whose directory names another way of packing."""
    at = file.index(b"PK\x01\x02") + 10
    return file[:at] + method.to_bytes(2, "little") + file[at + 2 :]


def zipped(**files: str) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.csv", text)
    return file.getvalue()


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT.keys())
def test_a_file_that_is_no_report_is_fetched_again(
    account: Account, tmp_path: Path, waits: list[float], spoil: Any
) -> None:
    whole = packed([line("2026-05-31")])
    serve(account, spoil(whole), whole)
    assert load(account, tmp_path).rows == 1
    assert len(waits) == 1
    serve(account, spoil(whole))
    with pytest.raises(ExtractFailed, match="failed 8 times, last: HTTP 200 with a body that is n"):
        load(account, tmp_path / "for good")
    assert place(tmp_path / "for good").load_ids() == []


def test_a_file_that_unpacks_to_too_much_is_refused(
    account: Account, tmp_path: Path, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "LARGEST", 1000)
    serve(account, zipped(a=" " * 10_000))
    with pytest.raises(ExtractFailed, match="not what was asked for"):
        load(account, tmp_path)


def test_rows_that_are_fewer_than_the_head_says_commit_nothing(
    account: Account, tmp_path: Path
) -> None:
    serve(account, packed([line("2026-05-31")], claimed=1))
    with pytest.raises(ExtractFailed, match=r"the vendor reports 2 rows .* handed over 1"):
        load(account, tmp_path)
    assert place(tmp_path).load_ids() == []


def test_two_rows_of_one_campaign_and_day_are_an_error(account: Account, tmp_path: Path) -> None:
    """One of them would be lost in the warehouse, with its money."""
    serve(account, packed([line("2026-05-31"), line("2026-05-31", Spend="2.20")]))
    with pytest.raises(ExtractFailed, match=r"the vendor reports 2 rows .* handed over 1"):
        load(account, tmp_path)


def test_one_day_is_read_again(account: Account, tmp_path: Path) -> None:
    serve(account, packed([line("2026-05-20")]))
    until = datetime(2026, 5, 20, 12, tzinfo=UTC)
    load(account, tmp_path, until=until, since=until)
    (order,) = [request.json["ReportRequest"]["Time"] for request in account.vendor.seen(SUBMIT)]
    day = {"Day": 20, "Month": 5, "Year": 2026}
    assert (order["CustomDateRangeStart"], order["CustomDateRangeEnd"]) == (day, day)


def test_a_file_goes_without_credentials_and_from_wherever_the_vendor_says(
    account: Account, tmp_path: Path
) -> None:
    elsewhere = Vendor()
    try:
        elsewhere.on("GET", "/a/b.zip", Answer(packed([line("2026-05-31")])))
        url = f"{elsewhere.url}/a/b.zip?sig=s%2B1"
        serve(account, b"", polls=[{"Status": "Success", "ReportDownloadUrl": url}])
        assert load(account, tmp_path).rows == 1
        (request,) = elsewhere.requests
        assert request.query == {"sig": "s+1"}
        sent = str(request.headers)
        assert not any(word in sent for word in ("t1", "d-of-the", "r-of-the", "99", "secret"))
    finally:
        elsewhere.close()


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_file_that_is_gone_is_ordered_anew(account: Account, tmp_path: Path, status: int) -> None:
    """Its address is good for five minutes."""
    serve(account, Answer(b"<Error>AuthenticationFailed</Error>", status), packed([line(DAYS[-1])]))
    assert load(account, tmp_path).rows == 1
    assert len(account.vendor.seen(SUBMIT)) == 2
    serve(account, Answer(b"", status))
    with pytest.raises(ExtractFailed, match="3 times, last: its file is refused, or gone"):
        load(account, tmp_path / "for good")


def test_a_report_is_waited_for(account: Account, tmp_path: Path, waits: list[float]) -> None:
    pending = {"Status": "Pending", "ReportDownloadUrl": None}
    url = f"{account.vendor.url}{FILE}"
    polls = [*[pending] * 8, {"Status": "Success", "ReportDownloadUrl": url}]
    serve(account, packed([line("2026-05-31")]), polls=polls)
    assert load(account, tmp_path).rows == 1
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    serve(account, b"", polls=[pending])
    with pytest.raises(ExtractFailed, match=r"was ordered, and is not made after 36\d\d s"):
        load(account, tmp_path / "for good")


def test_a_report_that_cannot_be_made_is_ordered_anew(account: Account, tmp_path: Path) -> None:
    failed = {"Status": "Error", "ReportDownloadUrl": None}
    url = f"{account.vendor.url}{FILE}"
    made = {"Status": "Success", "ReportDownloadUrl": url}
    serve(account, packed([line("2026-05-31")]), polls=[failed, failed, made])
    assert load(account, tmp_path).rows == 1
    serve(account, b"", polls=[failed])
    with pytest.raises(ExtractFailed, match=r"could not make it \(status Error\)"):
        load(account, tmp_path / "for good")


@pytest.mark.parametrize(
    "told", [None, {}, {"Status": "Done"}, "Success"], ids=["null", "nothing", "a new word", "text"]
)
def test_a_status_that_is_not_known_is_an_error(
    account: Account, tmp_path: Path, told: Any
) -> None:
    serve(account, b"", polls=[told])
    with pytest.raises(ExtractFailed, match="does not tell the status"):
        load(account, tmp_path)


def test_no_file_is_the_vendor_s_word_for_no_figures(account: Account, tmp_path: Path) -> None:
    serve(account, packed([line("2026-05-31")]))
    load(account, tmp_path)
    serve(account, b"", polls=[SUCCESS])
    assert load(account, tmp_path).unconfirmed == ()
    assert not any(place(tmp_path).standing(["2026-05-31"]).values())


def test_no_file_once_is_no_word_yet(account: Account, tmp_path: Path) -> None:
    serve(account, packed([line("2026-05-31")]))
    load(account, tmp_path)
    made = {"Status": "Success", "ReportDownloadUrl": f"{account.vendor.url}{FILE}"}
    serve(account, packed([line("2026-05-31")]), polls=[SUCCESS, made])
    assert load(account, tmp_path).rows == 1
    assert len(account.vendor.seen(SUBMIT)) == 3


@pytest.mark.parametrize("left_out", [DAYS[12:19], DAYS[:30]], ids=["a week", "all but one"])
def test_days_that_a_file_leaves_out_keep_their_spend(
    account: Account, tmp_path: Path, left_out: list[str]
) -> None:
    serve(account, packed([line(day) for day in DAYS]))
    load(account, tmp_path)
    serve(account, packed([line(day) for day in DAYS if day not in left_out]))
    assert load(account, tmp_path).unconfirmed == (f"{left_out[0]}/{left_out[-1]}",)
    assert place(tmp_path).standing(DAYS).keys() == set(DAYS)


def test_an_access_token_that_ended_on_the_way_is_renewed(
    account: Account, tmp_path: Path, waits: list[float]
) -> None:
    for number, answer in enumerate(
        (fault(109, "AuthenticationTokenExpired", 400), fault(109, "x", 401), Answer(None, 401))
    ):
        serve(account, packed([line("2026-05-31")]))
        account.vendor.on("POST", POLL, answer, lambda request: account.page(request))
        account.add("a", JUNE - timedelta(hours=1))
        account.vendor.on("POST", SUBMIT, lambda request: account.page(request))
        before = account.tokens
        assert load(account, tmp_path / str(number)).rows == 1
        assert account.tokens == before + 2
        asked = account.vendor.seen(POLL)[-1].headers["Authorization"]
        assert asked == f"Bearer t{account.tokens}"
    assert set(waits) == {0.0}


@pytest.mark.parametrize("status", [200, 400, 429, 500])
@pytest.mark.parametrize("number", [117, 207])
def test_who_is_too_fast_waits_a_minute(
    account: Account, tmp_path: Path, waits: list[float], status: int, number: int
) -> None:
    serve(account, packed([line("2026-05-31")]))
    busy = fault(number, "CallRateExceeded", status)
    account.vendor.on("POST", SUBMIT, busy, Answer({"ReportRequestId": "1"}))
    assert load(account, tmp_path).rows == 1
    assert waits == [60.0]


def test_the_vendor_s_own_pause_is_kept(
    account: Account, tmp_path: Path, waits: list[float]
) -> None:
    serve(account, packed([line("2026-05-31")]))
    busy = replace(fault(117, "CallRateExceeded", 429), headers={"Retry-After": "3"})
    account.vendor.on("POST", SUBMIT, busy, Answer({"ReportRequestId": "1"}))
    load(account, tmp_path)
    assert waits == [3.0]


def test_what_the_vendor_refuses_is_told_in_its_words(account: Account, tmp_path: Path) -> None:
    account.vendor.on("POST", SUBMIT, fault(106, "UserIsNotAuthorized"))
    with pytest.raises(ExtractFailed, match=r"HTTP 400 \(106: .*what UserIsNotAuthorized means"):
        load(account, tmp_path)


def test_an_order_without_an_id_is_an_error(account: Account, tmp_path: Path) -> None:
    account.vendor.on("POST", SUBMIT, Answer({"ReportRequestId": None}))
    with pytest.raises(ExtractFailed, match="gave it no id"):
        load(account, tmp_path)


def test_all_kinds_of_campaigns_are_listed(account: Account, tmp_path: Path) -> None:
    rows = [{"Id": "7", "Name": "a", "CampaignType": "Shopping"}]
    account.vendor.on("POST", CAMPAIGNS, Answer({"Campaigns": rows}))
    payloads = run(tmp_path, "microsoft_ads", "campaigns", account.connection)
    assert payloads == [{**rows[0], "AccountId": "12"}]
    (request,) = account.vendor.seen(CAMPAIGNS)
    assert request.json["CampaignType"].split(", ") == list(source.TYPES)
    assert len(source.TYPES) == 8


def test_the_account_s_zone_has_the_name_that_all_others_give_it(
    account: Account, tmp_path: Path
) -> None:
    payloads = run(tmp_path, "microsoft_ads", "accounts", account.connection)
    assert payloads == [{**ACCOUNT, "IanaTimeZone": "America/New_York"}]
    (request,) = account.vendor.seen(ACCOUNTS)
    assert request.json["Predicates"][0]["Value"] == "12"


@pytest.mark.parametrize(
    ("accounts", "said"),
    [
        ([], "the user sees no account 12"),
        ([None], "the user sees no account 12"),
        ([{**ACCOUNT, "TimeZone": "Atlantis"}], "time zone 'Atlantis' is unknown"),
        ([{"Id": "12"}], "time zone '' is unknown"),
    ],
)
def test_an_account_that_is_not_there_is_told(
    account: Account, tmp_path: Path, accounts: list[Any], said: str
) -> None:
    account.vendor.on("POST", ACCOUNTS, Answer({"Accounts": accounts}))
    with pytest.raises(ExtractFailed, match=said):
        load(account, tmp_path)


def test_every_zone_has_a_clock() -> None:
    assert len(zones.IANA) == 75
    assert all(source.ZoneInfo(name) for name in zones.IANA.values())
    assert zones.IN_REPORTS.keys() <= zones.IANA.keys()


def test_an_application_without_a_secret_sends_none(account: Account, tmp_path: Path) -> None:
    serve(account, packed([]), polls=[SUCCESS])
    load(account, tmp_path)
    account.connection = replace(account.connection, password="")
    load(account, tmp_path / "again")
    first, again = [request.form for request in account.vendor.seen("/token")]
    assert first["client_secret"] == "secret"
    assert "client_secret" not in again
    assert again["scope"] == "https://ads.microsoft.com/msads.manage offline_access"


def found(account: Account) -> dict[str, Finding]:
    """What a check finds, where the scope is granted and there are no campaigns."""
    token = {"access_token": "t", "expires_in": 3600, "scope": source.SCOPE}
    account.vendor.on("POST", "/token", Answer(token))
    account.vendor.on("POST", CAMPAIGNS, Answer({"Campaigns": []}))
    return {each.about: each for each in check(SOURCES["microsoft_ads"], account.connection, JUNE)}


def test_why_no_token_is_given_is_told_in_the_vendor_s_words(
    account: Account, tmp_path: Path
) -> None:
    said = "AADSTS700082: The refresh token has expired due to inactivity."
    refused = Answer({"error": "invalid_grant", "error_description": said}, 400)
    account.vendor.on("POST", "/token", refused)
    with pytest.raises(ExtractFailed, match=r"refused our credentials .*AADSTS700082"):
        load(account, tmp_path)


def test_a_check_does_not_wait_for_a_slow_report(account: Account, waits: list[float]) -> None:
    serve(account, b"", polls=[{"Status": "Pending"}])
    told = found(account)["campaign_performance"]
    assert (told.level, told.text) == (
        "ok",
        "the vendor has taken the order of the last day, and works on it",
    )


def test_the_newest_refresh_token_is_kept_sealed_and_used_next(
    account: Account, tmp_path: Path
) -> None:
    serve(account, packed([]), polls=[SUCCESS])
    given: list[str] = []

    def token(request: Any) -> dict[str, Any]:
        given.append(f"r-{len(given)}")
        # The access token ends before the next request.
        return {"access_token": "t", "expires_in": 30, "refresh_token": given[-1]}

    account.vendor.on("POST", "/token", token)
    load(account, tmp_path)
    last, asked = given[-1], len(given)
    kept = [file for file in (tmp_path / "_kept").rglob("*") if file.is_file()]
    assert len(kept) == 1
    assert last.encode() not in kept[0].read_bytes()
    load(account, tmp_path)
    sent = [request.form["refresh_token"] for request in account.vendor.seen("/token")]
    assert (sent[0], sent[asked]) == ("r-of-the-company", last)
    # One that is put into the connection begins anew.
    extra = {**account.connection.extra, "refresh_token": "r-of-a-new-sign-in"}
    account.connection = replace(account.connection, extra=extra)
    asked = len(given)
    load(account, tmp_path)
    assert account.vendor.seen("/token")[asked].form["refresh_token"] == "r-of-a-new-sign-in"


def test_a_vendor_that_names_no_other_refresh_token_goes_on_with_this_one(
    account: Account, tmp_path: Path
) -> None:
    serve(account, packed([]), polls=[SUCCESS])
    account.vendor.on("POST", "/token", lambda request: {"access_token": "t", "expires_in": 30})
    load(account, tmp_path)
    load(account, tmp_path)
    sent = {request.form["refresh_token"] for request in account.vendor.seen("/token")}
    assert sent == {"r-of-the-company"}


def test_a_check_needs_no_place_to_keep_a_token(account: Account) -> None:
    assert account.connection.kept is None
    serve(account, packed([]), polls=[SUCCESS])
    assert found(account)["sign-in"].level == "ok"
