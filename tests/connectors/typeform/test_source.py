"""The requests of Typeform, against what its documentation says of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from connectors.core.errors import ExtractFailed
from connectors.core.settings import Connection
from connectors.extract import LoadResult, extract
from connectors.registry import SOURCES
from connectors.typeform import source as typeform
from tests.connectors.shape import JUNE
from tests.connectors.typeform.shape import FORM, Account
from tests.connectors.vendor_stub import Answer, Request, Vendor
from warehouse.landing.errors import SettingError

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OTHER = "zQ8aYd"
pytestmark = pytest.mark.usefixtures("waits")
RESPONSES = "/forms/{}/responses"
NOT_THERE = Answer({"code": "FORM_NOT_FOUND", "description": "Form not found"}, 404)


def load(connection: Connection, folder: Path, stream: str = "responses", **how: Any) -> LoadResult:
    until = how.pop("until", JUNE)
    (result,) = extract(
        SOURCES["typeform"], connection, str(folder), until, streams=[stream], **how
    )
    return result


def landed(folder: Path, stream: str = "responses") -> list[dict[str, Any]]:
    rows = pq.read_table(folder / "typeform" / stream)["_payload"].to_pylist()
    return [json.loads(row) for row in rows if row]


@pytest.fixture
def shape(vendor: Vendor) -> Account:
    """Two forms, the second with one response."""
    found = Account(vendor)
    row = found.row("o", JUNE - HOUR, "")
    found.vendor.on("GET", "/forms", lambda _: found.listed(FORM, OTHER))
    found.vendor.on(
        "GET",
        RESPONSES.format(OTHER),
        lambda _: {"total_items": 1, "page_count": 1, "items": [row]},
    )
    return found


def test_behaviour_1_pages_go_on_behind_the_last_response(vendor: Vendor, tmp_path: Path) -> None:
    """Many of one second, over page breaks: newest come first, and nothing asks for a sort."""
    shape = Account(vendor, page_size=3)
    shape.fill([timedelta(seconds=number // 4) for number in range(11)])
    load(shape.connection, tmp_path)
    assert {row["token"] for row in landed(tmp_path)} == set(shape.records)
    asked = [request.query for request in vendor.seen(RESPONSES.format(FORM))]
    assert [query.get("before") for query in asked] == [None, "8", "5", "2"]
    assert all("sort" not in query and query["page_size"] == "1000" for query in asked)
    assert asked[0]["response_type"] == "completed"
    assert asked[0]["until"] == "2026-06-01T00:00:01"


@pytest.mark.parametrize("left", [True, False], ids=["all", "what is left"])
def test_behaviour_2_the_first_pages_total_counts(
    vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: bool
) -> None:
    """Whatever total_items means behind a token."""
    shape = Account(vendor, page_size=2)
    shape.fill([timedelta(seconds=number) for number in range(5)])
    if left:
        told = shape.page

        def page(request: Request) -> Any:
            found = told(request)
            if "before" in request.query:
                found["total_items"] = len(found["items"])
            return found

        monkeypatch.setattr(shape, "page", page)
    assert load(shape.connection, tmp_path).rows == 5


def test_a_token_that_is_not_known_any_more_loses_nothing(vendor: Vendor, tmp_path: Path) -> None:
    """Typeform answers with the first page: the response was deleted meanwhile."""
    shape = Account(vendor, page_size=2)
    shape.fill([timedelta(seconds=number) for number in range(6)])
    shape.meanwhile = lambda number: shape.records.pop("4", None) if number == 1 else None
    load(shape.connection, tmp_path)
    assert {row["token"] for row in landed(tmp_path)} >= set(shape.records)


def test_pages_that_turn_in_a_circle_are_an_error(vendor: Vendor, tmp_path: Path) -> None:
    shape = Account(vendor, page_size=2)
    shape.fill([timedelta(seconds=number) for number in range(6)])
    page = {"total_items": 6, "page_count": 3, "items": [shape.records["5"][1]]}
    vendor.on("GET", RESPONSES.format(FORM), Answer(page))
    with pytest.raises(ExtractFailed, match="leads back to a page just read"):
        load(shape.connection, tmp_path)


def test_a_page_without_a_token_leads_nowhere_and_is_an_error(
    vendor: Vendor, tmp_path: Path
) -> None:
    shape = Account(vendor)
    page = {"total_items": 6, "page_count": 2, "items": [{"submitted_at": "2026-05-31T00:00:00Z"}]}
    vendor.on("GET", RESPONSES.format(FORM), Answer(page))
    with pytest.raises(ExtractFailed, match="a page without one token"):
        load(shape.connection, tmp_path)


def test_a_response_without_answers_lands(vendor: Vendor, tmp_path: Path) -> None:
    shape = Account(vendor)
    shape.add("a", JUNE - HOUR, answers=None)
    assert load(shape.connection, tmp_path).rows == 1


def test_deleted_responses_and_what_came_very_late_are_found_a_day_later(
    vendor: Vendor, tmp_path: Path
) -> None:
    shape = Account(vendor)
    shape.add("a", JUNE - 9 * DAY)
    shape.add("b", JUNE - HOUR)
    load(shape.connection, tmp_path)
    del shape.records["a"]
    shape.add("late", JUNE - 8 * DAY)
    load(shape.connection, tmp_path, until=JUNE + DAY + HOUR)
    rows = landed(tmp_path)
    assert [row["token"] for row in rows if row.get("deleted")] == ["a"]
    assert "late" in {row["token"] for row in rows}


def test_a_deleted_form_takes_its_responses_along_and_stops_no_other(
    shape: Account, tmp_path: Path
) -> None:
    shape.add("a", JUNE - HOUR)
    load(shape.connection, tmp_path)
    shape.vendor.on("GET", "/forms", lambda _: shape.listed(FORM))
    shape.vendor.on("GET", RESPONSES.format(OTHER), NOT_THERE)
    shape.add("b", JUNE + HOUR)
    load(shape.connection, tmp_path, until=JUNE + DAY + HOUR)
    rows = landed(tmp_path)
    assert [row["token"] for row in rows if row.get("deleted")] == ["o"]
    assert "b" in {row["token"] for row in rows}


def test_a_form_that_is_listed_and_not_there_is_an_error(shape: Account, tmp_path: Path) -> None:
    shape.vendor.on("GET", RESPONSES.format(OTHER), NOT_THERE)
    with pytest.raises(ExtractFailed, match="does not have what was asked for"):
        load(shape.connection, tmp_path)


def test_a_form_that_the_list_lacks_once_is_asked_for_all_the_same(
    shape: Account, tmp_path: Path
) -> None:
    load(shape.connection, tmp_path)
    shape.vendor.on("GET", "/forms", lambda _: shape.listed(FORM))
    load(shape.connection, tmp_path, until=JUNE + HOUR)
    assert len(shape.vendor.seen(RESPONSES.format(OTHER))) == 2


def test_questions_are_read_of_forms_that_changed(shape: Account, tmp_path: Path) -> None:
    for form in (FORM, OTHER):
        shape.vendor.on("GET", f"/forms/{form}", Answer({"id": form, "fields": []}))
    listed = shape.listed(FORM, OTHER)
    listed["items"][0]["last_updated_at"] = "2026-04-01T05:00:00Z"
    shape.vendor.on("GET", "/forms", lambda _: listed)
    load(shape.connection, tmp_path, "forms")
    listed["items"][1]["last_updated_at"] = "2026-06-01T05:00:00Z"
    load(shape.connection, tmp_path, "forms", until=JUNE + DAY)
    assert len(shape.vendor.seen(f"/forms/{FORM}")) == 1
    assert len(shape.vendor.seen(f"/forms/{OTHER}")) == 2
    assert all("definition" in row for row in landed(tmp_path, "forms"))


def test_the_list_of_forms_is_read_to_its_end(vendor: Vendor, tmp_path: Path) -> None:
    shape = Account(vendor)
    forms = [f"form{number}" for number in range(5)]

    def listed(request: Request) -> Any:
        begin = 2 * (int(request.query["page"]) - 1)
        page = shape.listed(*forms[begin : begin + 2])
        return {**page, "total_items": 5, "page_count": 3}

    vendor.on("GET", "/forms", listed)
    for form in forms:
        vendor.on("GET", f"/forms/{form}", Answer({"id": form}))
    load(shape.connection, tmp_path, "forms")
    assert {row["id"] for row in landed(tmp_path, "forms")} == set(forms)


def test_a_form_of_which_nobody_can_read_the_text_stops_no_other(
    shape: Account, tmp_path: Path
) -> None:
    half = b'{"id": "%s", "title": "\\ud83d"}' % FORM.encode()
    shape.vendor.on("GET", f"/forms/{FORM}", Answer(half))
    shape.vendor.on("GET", f"/forms/{OTHER}", Answer({"id": OTHER}))
    result = load(shape.connection, tmp_path, "forms")
    assert (result.rows, result.quarantined) == (1, 1)


def test_only_the_forms_that_are_chosen_are_read(shape: Account, tmp_path: Path) -> None:
    extra = {**shape.connection.extra, "forms": OTHER}
    load(replace(shape.connection, extra=extra), tmp_path)
    assert shape.vendor.seen(RESPONSES.format(FORM)) == []
    assert {row["form_id"] for row in landed(tmp_path)} == {OTHER}


def test_partial_responses_are_read_whole_once_a_day(vendor: Vendor, tmp_path: Path) -> None:
    shape = Account(vendor)
    shape.add("a", JUNE - HOUR)
    for hours in (0, 1, 25):
        load(shape.connection, tmp_path, "partial_responses", until=JUNE + hours * HOUR)
    asked = vendor.seen(RESPONSES.format(FORM))
    assert [request.query["response_type"] for request in asked] == ["partial", "partial"]


def test_a_personal_access_token_is_sent_as_it_is(shape: Account, tmp_path: Path) -> None:
    connection = Connection(shape.vendor.url, "", "tfp_token", {"requests_per_second": 1000})
    load(connection, tmp_path)
    assert shape.tokens == 0
    assert shape.vendor.requests[-1].headers["Authorization"] == "Bearer tfp_token"


def test_a_refresh_token_is_used_once_and_its_successor_is_kept(
    shape: Account, tmp_path: Path
) -> None:
    load(shape.connection, tmp_path)
    load(shape.connection, tmp_path, until=JUNE + HOUR)
    assert shape.tokens == 1
    shape.troubles[shape.asked] = Answer({"code": "AUTHENTICATION_FAILED"}, 401)
    load(shape.connection, tmp_path, until=JUNE + 2 * HOUR)
    assert shape.tokens == 2


@pytest.mark.parametrize("rate", [0, "fast", -1, 1.5e400], ids=str)
def test_a_rate_that_is_none_is_a_wrong_setting(rate: Any) -> None:
    with pytest.raises(SettingError, match="requests_per_second must be a whole number above 0"):
        typeform.SOURCE.open(Connection(password="x", extra={"requests_per_second": rate}))
