"""The requests of SurveyMonkey, against what its documentation says of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from connectors.core import times
from connectors.core.errors import ExtractFailed
from connectors.core.settings import Connection
from connectors.extract import LoadResult, extract
from connectors.registry import SOURCES
from tests.connectors.shape import JUNE, run
from tests.connectors.surveymonkey.shape import SURVEY, Account, said, written
from tests.connectors.vendor_stub import Answer, Request, Vendor
from warehouse.landing.errors import SettingError
from warehouse.landing.zone import Landing

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OTHER = "200"
COLLECTOR, MESSAGE = "50253690", "31454399"
SURVEYMONKEY = SOURCES["surveymonkey"]
pytestmark = pytest.mark.usefixtures("waits")
BULK = "/v3/surveys/{}/responses/bulk"


def listing(*rows: dict[str, Any], total: int | None = None) -> dict[str, Any]:
    count = len(rows) if total is None else total
    return {"data": list(rows), "total": count, "page": 1, "per_page": 1000, "links": {}}


def load(connection: Connection, folder: Path, stream: str = "responses", **how: Any) -> LoadResult:
    until = how.pop("until", JUNE)
    (result,) = extract(SURVEYMONKEY, connection, str(folder), until, streams=[stream], **how)
    return result


def landed(folder: Path, stream: str = "responses") -> list[dict[str, Any]]:
    rows = pq.read_table(folder / "surveymonkey" / stream)["_payload"].to_pylist()
    return [json.loads(row) for row in rows if row]


def state(folder: Path, stream: str = "responses") -> dict[str, Any]:
    return Landing(str(folder)).stream("surveymonkey", stream).state()


def limited(shape: Account, left: int) -> None:
    """Every answer tells how many of the day's requests are left, one less each time."""
    reply, remaining = Vendor.reply, [left]

    def counted(request: Request) -> Answer:
        if remaining[0] <= 0:
            day = "X-Ratelimit-App-Global-Day-Remaining"
            return replace(said("1040", "Rate limit reached", 429), headers={day: "0"})
        remaining[0] -= 1
        answer = reply(shape.vendor, request)
        told = {"X-Ratelimit-App-Global-Day-Remaining": str(remaining[0])}
        return replace(answer, headers={**answer.headers, **told})

    shape.vendor.reply = counted  # type: ignore[method-assign]


@pytest.fixture
def shape(vendor: Vendor) -> Account:
    found = Account(vendor, page_size=2)
    row = {**found.row("o", JUNE - HOUR, ""), "survey_id": OTHER}
    other = [{**row, "id": f"o{number}"} for number in range(2)]
    found.vendor.on("GET", "/v3/surveys", lambda _: found.listed(SURVEY, OTHER))
    found.vendor.on("GET", BULK.format(OTHER), lambda _: listing(*other))
    found.vendor.on("GET", f"/v3/surveys/{OTHER}/responses", lambda _: listing())
    return found


def spared(shape: Account, requests: int) -> Connection:
    return replace(shape.connection, extra={**shape.connection.extra, "requests_spared": requests})


@pytest.mark.parametrize("spare", [0, 3], ids="{} spared".format)
def test_what_a_day_does_not_allow_is_read_the_next_day(
    shape: Account, tmp_path: Path, spare: int
) -> None:
    """Within a survey from where it was left, and the surveys that were not begun first."""
    shape.fill([timedelta(minutes=number) for number in range(6)])
    limited(shape, 3 + spare)  # the list of surveys, and two pages of two
    first = load(spared(shape, spare), tmp_path)
    assert first.put_off == (SURVEY, OTHER)
    assert 2 <= first.rows < 6
    assert set(state(tmp_path)["put_off"]) == {SURVEY, OTHER}
    limited(shape, 1000)
    again = load(spared(shape, spare), tmp_path, until=JUNE + DAY)
    assert again.put_off == ()
    assert "put_off" not in state(tmp_path)
    assert {row["id"] for row in landed(tmp_path)} == {*shape.records, "o0", "o1"}


def test_a_survey_that_was_put_off_comes_first(shape: Account, tmp_path: Path) -> None:
    shape.add("a", JUNE - HOUR)
    limited(shape, 2)
    assert load(spared(shape, 0), tmp_path).put_off == (OTHER,)
    limited(shape, 1000)
    begin = len(shape.vendor.requests)
    load(spared(shape, 0), tmp_path, until=JUNE + DAY)
    paths = [request.path for request in shape.vendor.requests[begin:]]
    assert paths.index(BULK.format(OTHER)) < paths.index(BULK.format(SURVEY))
    asked = shape.vendor.seen(BULK.format(OTHER))[-1].query["start_modified_at"]
    assert times.parse(asked) < JUNE - timedelta(days=3000), "nothing of it had been read"


def test_a_backfill_beyond_the_days_requests_commits_nothing(
    shape: Account, tmp_path: Path
) -> None:
    shape.add("a", JUNE - HOUR)
    limited(shape, 2)
    with pytest.raises(ExtractFailed, match="allows in a day is used up, and 200 not read"):
        load(spared(shape, 0), tmp_path, since=JUNE - DAY)
    assert Landing(str(tmp_path)).stream("surveymonkey", "responses").load_ids() == []


def test_a_minute_without_requests_is_waited_out(
    shape: Account, tmp_path: Path, waits: list[float]
) -> None:
    shape.add("a", JUNE - HOUR)
    header = {"X-Ratelimit-App-Global-Minute-Reset": "17"}
    shape.troubles[0] = replace(said("1040", "Rate limit reached", 429), headers=header)
    load(shape.connection, tmp_path)
    assert waits == [17.0]


def test_responses_of_one_second_that_are_edited_meanwhile_hide_no_other(
    vendor: Vendor, tmp_path: Path
) -> None:
    shape = Account(vendor, page_size=2)
    for number in range(7):
        shape.add(str(number), JUNE - HOUR)
    shape.meanwhile = lambda number: shape.add("0", JUNE + HOUR) if number == 3 else None
    load(shape.connection, tmp_path)
    load(shape.connection, tmp_path, until=JUNE + 2 * HOUR)
    assert {row["id"] for row in landed(tmp_path)} == set(shape.records)


def test_a_second_is_asked_for_whether_or_not_after_includes_it(
    shape: Account, tmp_path: Path
) -> None:
    shape.add("a", JUNE - HOUR)
    load(shape.connection, tmp_path)
    query = shape.vendor.seen(BULK.format(SURVEY))[0].query
    assert query["end_modified_at"] == "2026-06-01T00:00:01"
    assert "Z" not in query["start_modified_at"]
    assert "+" not in query["start_modified_at"]
    assert (query["sort_by"], query["sort_order"]) == ("date_modified", "ASC")
    assert query["per_page"] == "100"


def test_deleted_responses_are_found_a_week_later(vendor: Vendor, tmp_path: Path) -> None:
    shape = Account(vendor)
    shape.add("a", JUNE - HOUR)
    shape.add("b", JUNE - HOUR)
    load(shape.connection, tmp_path)
    del shape.records["a"]
    path = f"/v3/surveys/{SURVEY}/responses/a"
    vendor.on("GET", path, said("1020", "Resource not found", 404))
    load(shape.connection, tmp_path, until=JUNE + 8 * DAY)
    assert [row["id"] for row in landed(tmp_path) if row.get("deleted")] == ["a"]


def test_an_account_that_is_deleted_deletes_no_response(vendor: Vendor, tmp_path: Path) -> None:
    """Error 1052 has the status of what is not there, too."""
    shape = Account(vendor)
    shape.add("a", JUNE - HOUR)
    shape.add("b", JUNE - HOUR)
    load(shape.connection, tmp_path)
    del shape.records["a"]
    vendor.on("GET", f"/v3/surveys/{SURVEY}", said("1052", "User soft deleted", 404))
    with pytest.raises(ExtractFailed, match=r"could not be found out.*soft deleted"):
        load(shape.connection, tmp_path, until=JUNE + 8 * DAY)
    assert not any(row.get("deleted") for row in landed(tmp_path))


def test_a_deleted_survey_stops_no_other(shape: Account, tmp_path: Path) -> None:
    shape.add("a", JUNE - HOUR)
    load(shape.connection, tmp_path)
    gone = said("1020", "Resource not found", 404)
    shape.vendor.on("GET", "/v3/surveys", lambda _: shape.listed(SURVEY))
    shape.vendor.on("GET", BULK.format(OTHER), gone)
    shape.vendor.on("GET", f"/v3/surveys/{OTHER}", gone)
    shape.add("b", JUNE + HOUR)
    load(shape.connection, tmp_path, until=JUNE + 8 * DAY)
    rows = landed(tmp_path)
    assert {row["id"] for row in rows if row.get("deleted")} == {"o0", "o1"}
    assert "b" in {row["id"] for row in rows}


def test_a_survey_that_is_listed_and_not_there_is_an_error(shape: Account, tmp_path: Path) -> None:
    shape.vendor.on("GET", BULK.format(OTHER), said("1020", "Resource not found", 404))
    with pytest.raises(ExtractFailed, match="does not have what was asked for"):
        load(shape.connection, tmp_path)


def test_only_the_surveys_that_are_chosen_are_read(shape: Account, tmp_path: Path) -> None:
    shape.add("a", JUNE - HOUR)
    extra = {**shape.connection.extra, "surveys": OTHER}
    load(replace(shape.connection, extra=extra), tmp_path)
    assert shape.vendor.seen(BULK.format(SURVEY)) == []
    assert {row["id"] for row in landed(tmp_path)} == {"o0", "o1"}


def test_questions_are_read_of_surveys_that_changed(shape: Account, tmp_path: Path) -> None:
    listed = shape.listed(SURVEY, OTHER)
    listed["data"][0]["date_modified"] = "2026-04-01T00:00:00"
    shape.vendor.on("GET", "/v3/surveys", lambda _: listed)
    for survey, changed in ((SURVEY, "2026-04-01"), (OTHER, "2026-05-01")):
        detail = {"id": survey, "date_modified": f"{changed}T00:00:00", "pages": [], "title": "x"}
        shape.vendor.on("GET", f"/v3/surveys/{survey}/details", Answer(detail))
    load(shape.connection, tmp_path, "surveys")
    listed["data"][1]["date_modified"] = "2026-06-01T05:00:00"
    load(shape.connection, tmp_path, "surveys", until=JUNE + DAY)
    assert len(shape.vendor.seen(f"/v3/surveys/{SURVEY}/details")) == 1
    assert len(shape.vendor.seen(f"/v3/surveys/{OTHER}/details")) == 2


def with_recipients(shape: Account, *recipients: dict[str, Any], total: int | None = None) -> None:
    collector = {"id": COLLECTOR, "type": "email", "date_modified": "2026-05-01T00:00:00"}
    link = {"id": "1", "type": "weblink", "date_modified": "2026-05-01T00:00:00"}
    shape.vendor.on("GET", f"/v3/surveys/{SURVEY}/collectors", lambda _: listing(collector, link))
    shape.vendor.on("GET", f"/v3/surveys/{OTHER}/collectors", lambda _: listing())
    invite = {"id": MESSAGE, "type": "invite", "status": "sent"}
    at = written(JUNE - HOUR)
    messages = [
        {**invite, "date_created": written(JUNE - DAY), "scheduled_date": at},
        {**invite, "id": "2", "type": "reminder", "date_created": at, "scheduled_date": at},
        {**invite, "id": "3", "status": "not_sent", "date_created": at, "scheduled_date": None},
    ]
    shape.vendor.on("GET", f"/v3/collectors/{COLLECTOR}/messages", lambda _: listing(*messages))
    path = f"/v3/collectors/{COLLECTOR}/messages/{MESSAGE}/recipients"
    shape.vendor.on("GET", path, lambda _: listing(*recipients, total=total))


def test_who_was_asked_is_told_with_the_time_of_the_invitation(
    shape: Account, tmp_path: Path
) -> None:
    """Reminders ask nobody anew, and what was not sent asks nobody."""
    with_recipients(shape, {"id": "r1", "email": "a@example.com", "mail_status": "sent"})
    load(shape.connection, tmp_path, "recipients")
    (row,) = landed(tmp_path, "recipients")
    assert times.parse(row["sent_at"]) == JUNE - HOUR
    assert (row["survey_id"], row["collector_id"], row["message_id"]) == (
        SURVEY, COLLECTOR, MESSAGE,
    )  # fmt: skip
    load(shape.connection, tmp_path, "recipients", until=JUNE + 3 * DAY)
    seen = shape.vendor.seen(f"/v3/collectors/{COLLECTOR}/messages/{MESSAGE}/recipients")
    assert len(seen) == 2, "what happened to an invitation is read for a day"


def test_recipients_that_are_promised_and_not_told_are_an_error(
    shape: Account, tmp_path: Path
) -> None:
    with_recipients(shape, {"id": "r1", "email": "a@example.com"}, total=2)
    with pytest.raises(ExtractFailed, match=r"reports 2 rows of .*recipients and handed over 1"):
        load(shape.connection, tmp_path, "recipients")


def test_the_region_of_an_account_is_told(shape: Account, tmp_path: Path) -> None:
    shape.troubles[0] = said("1018", "The user does not have permission to access the host", 403)
    with pytest.raises(ExtractFailed, match=r"api\.eu\.surveymonkey\.com"):
        load(shape.connection, tmp_path)


def test_a_right_that_is_missing_names_the_stream(shape: Account, tmp_path: Path) -> None:
    shape.troubles[0] = said("1014", "Permission has not been granted by the user", 403)
    with pytest.raises(ExtractFailed, match=r"Permission has not been granted.*skip_streams"):
        run(tmp_path, "surveymonkey", "responses", shape.connection)


def test_a_day_that_is_used_up_from_the_start_is_an_error(shape: Account, tmp_path: Path) -> None:
    limited(shape, 0)
    with pytest.raises(ExtractFailed, match="the day's requests are used up"):
        load(shape.connection, tmp_path)


@pytest.mark.parametrize("spare", ["some", -1, 2.5], ids=str)
def test_requests_to_spare_that_are_no_number_are_a_wrong_setting(spare: Any) -> None:
    with pytest.raises(SettingError, match=r"extra\.requests_spared must be a whole number"):
        SURVEYMONKEY.open(Connection(password="x", extra={"requests_spared": spare}))
