"""The requests of HubSpot, against shapes from its published spec."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from connectors.core import times
from connectors.core.settings import Connection
from connectors.extract import extract
from connectors.hubspot import source as hubspot
from connectors.registry import SOURCES
from tests.connectors.hubspot.shape import Portal
from tests.connectors.shape import JUNE, TOKEN, run
from tests.connectors.vendor_stub import Answer, Request, Vendor
from warehouse.landing.zone import Landing


def portal(vendor: Vendor, milliseconds: list[int], kind: str) -> Connection:
    """A portal with one record at each of these milliseconds of the last day of May."""
    found = Portal(vendor, kind=kind)
    found.fill([timedelta(milliseconds=at) for at in milliseconds])
    return found.private_app


@pytest.mark.parametrize("of_one_moment", [150, 250, 1_030], ids="{} of one moment".format)
def test_behaviour_4_hubspot_search_goes_on_beyond_its_cap(
    vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, of_one_moment: int
) -> None:
    """However many rows an import stamped with the same millisecond."""
    monkeypatch.setattr(hubspot, "SEARCH_CAP", 1_000)
    connection = portal(vendor, [number // of_one_moment for number in range(1_045)], "contacts")
    found = run(tmp_path, "hubspot", "contacts", connection)
    assert len({contact["id"] for contact in found}) == len(found) == 1_045
    assert all("after" not in request.json for request in vendor.requests)


@pytest.mark.parametrize("edited", [["4"], ["4", "3", "2"]], ids=" ".join)
def test_behaviour_1_contacts_that_are_edited_while_they_are_read_hide_no_other(
    vendor: Vendor, tmp_path: Path, edited: list[str]
) -> None:
    """They leave the window, and every offset behind them means another row."""
    found = Portal(vendor)
    found.fill([timedelta(seconds=number) for number in range(1_000)])

    def edit(page: int) -> None:
        if 1 <= page <= len(edited):
            found.add(edited[page - 1], JUNE + timedelta(minutes=page))

    found.meanwhile = edit
    landed = run(tmp_path, "hubspot", "contacts", found.private_app)
    assert {contact["id"] for contact in landed} == set(found.records)


def test_behaviour_1_a_row_that_is_newer_than_its_place_hides_no_other(
    vendor: Vendor, tmp_path: Path
) -> None:
    """The search sorts by an index that lags behind what it shows."""
    found = Portal(vendor)
    found.fill([timedelta(seconds=number) for number in range(450)])
    moment = times.text(JUNE - timedelta(minutes=5))
    found.records["199"][1]["properties"]["lastmodifieddate"] = moment
    landed = run(tmp_path, "hubspot", "contacts", found.private_app)
    assert {contact["id"] for contact in landed} == set(found.records)


def test_hubspot_deals_get_their_contacts_from_a_second_call(
    vendor: Vendor, tmp_path: Path
) -> None:
    connection = portal(vendor, [1, 2], "deals")
    linked = {"from": {"id": "0"}, "to": [{"toObjectId": "77"}]}
    path = "/crm/associations/2026-09/deals/contacts/batch/read"
    vendor.on("POST", path, Answer({"results": [linked], "numErrors": 1}, 207))
    found = run(tmp_path, "hubspot", "deals", connection)
    assert [deal["associations"] for deal in found] == [
        {"contacts": [{"toObjectId": "77"}]},
        {"contacts": []},
    ]
    assert vendor.seen(path)[0].json == {"inputs": [{"id": "0"}, {"id": "1"}]}


AMOUNTS: tuple[dict[str, Any], ...] = (
    {"amount": "10.5", "deal_currency_code": None},
    {"amount": "10.5", "deal_currency_code": ""},
    {"amount": "10.5"},
    {"amount": "10.5", "deal_currency_code": "KWD"},
    {"amount": None, "deal_currency_code": None},
)


def priced(vendor: Vendor) -> Connection:
    """A portal with a deal of each of these amounts."""
    found = Portal(vendor, kind="deals")
    found.fill([timedelta(milliseconds=at) for at, _ in enumerate(AMOUNTS)])
    for (_, row), amount in zip(found.records.values(), AMOUNTS, strict=True):
        row["properties"] |= amount
    vendor.on("POST", hubspot.ASSOCIATIONS, Answer({"results": []}))
    return found.private_app


def test_a_deal_that_names_no_currency_is_in_the_portals(vendor: Vendor, tmp_path: Path) -> None:
    """A portal with one currency names it nowhere: without, amounts would mean nothing."""
    connection = priced(vendor)
    vendor.on("GET", hubspot.ACCOUNT, Answer({"companyCurrency": "JPY"}))
    found = run(tmp_path, "hubspot", "deals", connection)
    assert [deal.get("companyCurrency") for deal in found] == ["JPY", "JPY", "JPY", None, None]
    assert len(vendor.seen(hubspot.ACCOUNT)) == 1


@pytest.mark.parametrize("answer", [Answer({}), Answer({"message": "no scope"}, 403)])
def test_a_portals_currency_that_nobody_tells_is_no_guess(
    vendor: Vendor, tmp_path: Path, answer: Answer
) -> None:
    connection = priced(vendor)
    vendor.on("GET", hubspot.ACCOUNT, answer)
    with pytest.raises(Exception, match=r"set extra\.currency of the connection"):
        run(tmp_path, "hubspot", "deals", connection)
    said = Connection(vendor.url, "", "token", {**connection.extra, "currency": "EUR"})
    assert run(tmp_path, "hubspot", "deals", said)[0]["companyCurrency"] == "EUR"


def test_behaviour_4_a_deal_with_very_many_contacts_gets_all_of_them(
    vendor: Vendor, tmp_path: Path
) -> None:
    connection = portal(vendor, [1, 2], "deals")

    def to(number: int, *contacts: str) -> dict[str, Any]:
        return {"from": {"id": str(number)}, "to": [{"toObjectId": c} for c in contacts]}

    more = {"paging": {"next": {"after": "x"}}}
    path = "/crm/associations/2026-09/deals/contacts/batch/read"
    first = {"results": [{**to(0, "1", "2"), **more}, to(1, "9")]}
    vendor.on("POST", path, Answer(first), Answer({"results": [to(0, "3")]}))
    found = run(tmp_path, "hubspot", "deals", connection)
    linked = [[c["toObjectId"] for c in deal["associations"]["contacts"]] for deal in found]
    assert linked == [["1", "2", "3"], ["9"]]
    assert vendor.seen(path)[1].json == {"inputs": [{"id": "0", "after": "x"}]}


@pytest.mark.parametrize("odd", [None, 17, {}, {"from": {"id": "1"}, "to": None}])
def test_a_link_that_cannot_be_read_stops_no_other_deal(
    vendor: Vendor, tmp_path: Path, odd: Any
) -> None:
    """Of whom it is, nobody tells: the deals without a link wait in the quarantine."""
    connection = portal(vendor, [1, 2], "deals")
    linked = {"from": {"id": "0"}, "to": [{"toObjectId": "77"}]}
    path = "/crm/associations/2026-09/deals/contacts/batch/read"
    vendor.on("POST", path, Answer({"results": [linked, odd]}))
    found = run(tmp_path, "hubspot", "deals", connection)
    assert [deal["associations"] for deal in found] == [{"contacts": [{"toObjectId": "77"}]}]
    (bad,) = pq.read_table(tmp_path / "_quarantine" / "hubspot" / "deals").to_pylist()
    assert bad["_reason"] == "its contacts cannot be read"
    assert json.loads(bad["_raw"])["id"] == "1"


def test_behaviour_5_a_hubspot_batch_that_failed_in_part_is_asked_again(
    vendor: Vendor, tmp_path: Path, waits: list[float]
) -> None:
    connection = portal(vendor, [1], "deals")
    path = "/crm/associations/2026-09/deals/contacts/batch/read"
    failed = {"category": "RATE_LIMITS", "message": "slow down"}
    none = {"category": "OBJECT_NOT_FOUND", "message": "no contact"}
    vendor.on(
        "POST",
        path,
        Answer({"results": [], "numErrors": 1, "errors": [failed]}, 207),
        Answer({"results": [], "numErrors": 1, "errors": [none]}, 207),
    )
    found = run(tmp_path, "hubspot", "deals", connection)
    assert [deal["associations"] for deal in found] == [{"contacts": []}]
    assert len(waits) == 1


def test_behaviour_7_archived_hubspot_contacts_are_read_and_only_new_ones_land(
    vendor: Vendor, tmp_path: Path
) -> None:
    def archived(number: int, days: int) -> dict[str, Any]:
        return {
            "id": str(number),
            "archived": True,
            "archivedAt": times.text(JUNE - timedelta(days)),
        }

    pages = {None: ([archived(1, 9), archived(2, 8)], "2"), "2": ([archived(3, 1)], None)}

    def listing(request: Request) -> Any:
        assert request.query["archived"] == "true"
        rows, after = pages[request.query.get("after")]
        return {"results": rows, **({"paging": {"next": {"after": after}}} if after else {})}

    vendor.on("GET", "/crm/objects/2026-09/contacts", listing)
    connection = Connection(vendor.url, "", "token")
    assert len(run(tmp_path, "hubspot", "archived_contacts", connection)) == 3
    assert len(run(tmp_path, "hubspot", "archived_contacts", connection)) == 4  # 3 again: overlap


def test_hubspot_with_a_refresh_token(vendor: Vendor, tmp_path: Path) -> None:
    connection = portal(vendor, [1], "contacts")
    vendor.on("POST", "/oauth/v1/token", TOKEN)
    oauth = Connection(vendor.url, "id", "secret", {"refresh_token": "r"})
    assert len(run(tmp_path, "hubspot", "contacts", oauth)) == 1
    form = vendor.seen("/oauth/v1/token")[0].form
    assert form["grant_type"] == "refresh_token"
    assert vendor.requests[-1].headers["Authorization"] == "Bearer t"
    assert connection.password == "token"


@pytest.mark.parametrize("said", ["fast", 0, "-1", "nan"])
def test_a_hubspot_rate_that_is_no_number(tmp_path: Path, said: Any) -> None:
    connection = Connection("", "", "token", {"searches_per_second": said})
    with pytest.raises(Exception, match=r"hubspot: extra\.searches_per_second must be a number"):
        run(tmp_path, "hubspot", "contacts", connection)


def test_deals_that_hubspot_does_not_have_any_more_are_deleted(
    vendor: Vendor, tmp_path: Path
) -> None:
    """Archived, deleted, or merged away: HubSpot names their ids among the errors of a batch."""
    connection = portal(vendor, [1, 2, 3], "deals")
    path = "/crm/associations/2026-09/deals/contacts/batch/read"
    vendor.on("POST", path, Answer({"results": []}))
    run(tmp_path, "hubspot", "deals", connection)
    vendor.on("GET", "/crm/objects/2026-09/deals", Answer({"results": [{"id": "1"}]}))
    error = {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": "Could not get some DEAL objects, they may be deleted or not exist.",
        "context": {"ids": ["2"]},
    }
    answer = {"status": "COMPLETE", "results": [{"id": "0"}], "numErrors": 1, "errors": [error]}
    vendor.on("POST", "/crm/objects/2026-09/deals/batch/read", Answer(answer, 207))
    extract(
        SOURCES["hubspot"], connection, str(tmp_path), JUNE + timedelta(days=1), streams=["deals"]
    )
    asked = vendor.seen("/crm/objects/2026-09/deals/batch/read")[0].json
    assert asked["inputs"] == [{"id": "0"}, {"id": "2"}]
    versions = Landing(str(tmp_path)).stream("hubspot", "deals").versions({"0", "1", "2"})
    deleted = [json.loads(row[2])["id"] for row in versions if '"deleted":true' in row[2]]
    assert deleted == ["2"]


def test_the_contacts_of_all_deals_are_read_once_a_day(vendor: Vendor, tmp_path: Path) -> None:
    deals = [{"id": "1", "properties": {"hs_object_id": "1"}}]
    vendor.on("GET", "/crm/objects/2026-09/deals", Answer({"results": deals}))
    path = "/crm/associations/2026-09/deals/contacts/batch/read"
    linked = {"from": {"id": "1"}, "to": [{"toObjectId": "77"}]}
    vendor.on("POST", path, Answer({"results": [linked]}))
    connection = Connection(vendor.url, "", "token")

    def load(hours: int) -> int:
        until = JUNE + timedelta(hours=hours)
        (result,) = extract(
            SOURCES["hubspot"], connection, str(tmp_path), until, streams=["deal_contacts"]
        )
        return result.rows

    assert [load(hours) for hours in (0, 1, 23, 24)] == [1, 0, 0, 1]
    (row,) = Landing(str(tmp_path)).stream("hubspot", "deal_contacts").versions({"1"})[:1]
    assert json.loads(row[2])["associations"] == {"contacts": [{"toObjectId": "77"}]}
