"""What only the Data API of GA4 does, against shapes of its published messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.core.errors import ExtractFailed
from connectors.extract import LoadResult, extract
from connectors.ga4_reports.source import DIMENSIONS, METRICS
from connectors.registry import SOURCES
from tests.connectors.ga4_reports.shape import RUN, Property, report, values
from tests.connectors.shape import JUNE, run
from tests.connectors.vendor_stub import Answer, Vendor
from warehouse.landing.zone import Landing

DAY = "20260531"


@pytest.fixture
def web(vendor: Vendor) -> Property:
    given = Property(vendor)
    extra = {**given.connection.extra, "start_date": "2026-06-01"}  # one day, as it is in Berlin
    given.connection = replace(given.connection, extra=extra)
    return given


def serve(web: Property, answer: Any) -> None:
    """What a report of the day is answered with; the question for the zone is as always."""

    def reply(request: Any) -> Any:
        if "dimensions" not in request.json:
            return Property.run(web, request)
        return answer(request) if callable(answer) else answer

    web.vendor.on("POST", RUN, reply)


def load(web: Property, folder: Path, until: datetime = JUNE) -> LoadResult:
    (result,) = extract(SOURCES["ga4_reports"], web.connection, str(folder), until)
    return result


def asked(web: Property) -> list[dict[str, Any]]:
    return [request.json for request in web.vendor.seen(RUN) if "dimensions" in request.json]


def test_values_are_zipped_with_the_headers_that_came(web: Property, tmp_path: Path) -> None:
    """In whichever order; and each row says what the report says of itself."""
    names, measures = tuple(reversed(DIMENSIONS)), tuple(reversed(METRICS))
    row = values("Sale (w|m)", "cpc", 'a"b', "20260601", metrics=("1234.50", "1", "9", "12"))
    answer = report(
        [row],
        1,
        dataLossFromOtherRow=True,
        samplingMetadatas=[{"samplesReadCount": "10", "samplingSpaceSize": "100"}],
    )
    answer["dimensionHeaders"] = [{"name": name} for name in names]
    answer["metricHeaders"] = [{"name": name, "type": "TYPE_FLOAT"} for name in measures]
    serve(web, answer)
    assert run(tmp_path, "ga4_reports", "totals", web.connection) == [
        {
            "sessionCampaignName": "Sale (w|m)",
            "sessionMedium": "cpc",
            "sessionSource": 'a"b',
            "date": "20260601",
            "purchaseRevenue": "1234.50",
            "ecommercePurchases": "1",
            "totalUsers": "9",
            "sessions": "12",
            "property": "77",
            "timeZone": "Europe/Berlin",
            "currencyCode": "EUR",
            "dataLossFromOtherRow": True,
            "subjectToThresholding": False,
            "samplesReadCount": "10",
            "samplingSpaceSize": "100",
        }
    ]


def test_a_report_is_of_one_day_and_its_order_is_fixed(web: Property, tmp_path: Path) -> None:
    serve(web, report([values("20260601", "a", "b", "c")], 1))
    load(web, tmp_path)
    (body,) = asked(web)
    assert body["dateRanges"] == [{"startDate": "2026-06-01", "endDate": "2026-06-01"}]
    ordered = [each["dimension"]["dimensionName"] for each in body["orderBys"]]
    assert ordered == list(DIMENSIONS)
    assert (body["offset"], body["limit"]) == ("0", "250000")


def test_pages_go_on_behind_the_rows_that_came(web: Property, tmp_path: Path) -> None:
    """A page may have fewer rows than were asked for. Names that look alike are told apart."""
    names = [("a|b", "c", "d"), ("a", "b|c", "d"), ("a", "b", "c|d"), ("A", "b", "c|d")]
    rows = [values("20260601", *name) for name in names]

    def answer(request: Any) -> Any:
        offset = int(request.json["offset"])
        return report(rows[offset : offset + 3], 4)

    serve(web, answer)
    assert load(web, tmp_path).rows == 4
    assert [body["offset"] for body in asked(web)] == ["0", "3", "4"]


def test_fewer_rows_than_promised_commit_nothing(web: Property, tmp_path: Path) -> None:
    serve(web, lambda r: report([values("20260601", "a", "b", "c")][int(r.json["offset"]) :], 3))
    with pytest.raises(ExtractFailed, match=r"the vendor reports 3 rows .* handed over 1"):
        load(web, tmp_path)


def test_what_was_rolled_up_is_of_the_day_that_was_asked_for(web: Property, tmp_path: Path) -> None:
    rows = [values("(other)", "(other)", "(other)", "(other)"), values("20260601", "", "", "")]
    serve(web, report(rows, 2, dataLossFromOtherRow=True))
    found = run(tmp_path, "ga4_reports", "totals", web.connection)
    assert [row["date"] for row in found] == ["20260601", "20260601"]


def test_rows_of_another_day_do_not_land(web: Property, tmp_path: Path) -> None:
    serve(web, report([values("20260601", "a", "b", "c"), values(DAY, "a", "b", "c")], 1))
    result = load(web, tmp_path)
    assert (result.rows, result.outside) == (1, 1)


def test_a_row_of_another_length_is_set_aside(web: Property, tmp_path: Path) -> None:
    rows = [values("20260601", "a", "b", "c"), values("20260601", "a", "b"), {"metricValues": []}]
    serve(web, lambda request: report(rows[int(request.json["offset"]) :], 3))
    result = load(web, tmp_path)
    assert (result.rows, result.quarantined) == (1, 2)


def test_the_same_page_again_and_again_is_an_error(web: Property, tmp_path: Path) -> None:
    serve(web, report([values("20260601", "a", "b", "c")], 2))
    with pytest.raises(ExtractFailed, match="the same page whichever is asked for"):
        load(web, tmp_path)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"kind": "analyticsData#runPivotReport"}, "failed 8 times, last: an answer that is no re"),
        (
            {**report([values(DAY, "a", "b", "c")], 1), "metricHeaders": []},
            "other columns than were asked for: date, ",
        ),
        (
            {**report([values(DAY, "a", "b", "c")], 1), "dimensionHeaders": None},
            "other columns than were asked for: sess",
        ),
    ],
)
def test_an_answer_that_is_no_report_is_an_error(
    web: Property, tmp_path: Path, waits: list[float], answer: Any, said: str
) -> None:
    serve(web, answer)
    with pytest.raises(ExtractFailed, match=said):
        load(web, tmp_path)


def test_a_day_that_comes_without_rows_keeps_those_it_had(web: Property, tmp_path: Path) -> None:
    serve(web, report([values("20260601", "a", "b", "c")], 1))
    load(web, tmp_path)
    serve(web, report([], 0, emptyReason="NO_DATA"))
    assert load(web, tmp_path).unconfirmed == ("2026-06-01",)
    place = Landing(str(tmp_path)).stream("ga4_reports", "totals")
    assert len(place.standing(["2026-06-01"])["2026-06-01"]) == 1


def of_the_day(request: Any) -> Any:
    """Two rows of the day that is asked for, of visitors who are in both."""
    (span,) = request.json["dateRanges"]
    day = span["startDate"].replace("-", "")
    came = ("2", "2", "0", "0")
    rows = [values(day, "a", "cpc", "x", metrics=came), values(day, "b", "cpc", "x", metrics=came)]
    return report(rows, 2)


def test_a_day_is_read_again_until_it_is_complete(web: Property, tmp_path: Path) -> None:
    serve(web, of_the_day)
    for days in (0, 3, 4, 5):
        load(web, tmp_path, JUNE + timedelta(days=days))
    days_asked = [body["dateRanges"][0]["startDate"] for body in asked(web)]
    assert days_asked.count("2026-06-01") == 3, "while it lasts, and until three full days are over"
    assert days_asked.count("2026-06-04") == 3


def test_a_visitor_is_in_each_row_of_their_own_traffic(web: Property, tmp_path: Path) -> None:
    """As the vendor has it: the contract says of the column that it does not add up."""
    serve(web, of_the_day)
    rows = run(tmp_path, "ga4_reports", "totals", web.connection)
    assert [row["totalUsers"] for row in rows] == ["2", "2"]


def test_quotas_that_are_used_up_are_told_in_the_vendor_s_words(
    web: Property, tmp_path: Path, waits: list[float]
) -> None:
    said = "Exhausted property tokens per hour. These quota tokens will return in under an hour."
    error = {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": said}
    serve(web, Answer({"error": error}, 429))
    with pytest.raises(ExtractFailed, match=r"HTTP 429 .*Exhausted property tokens per hour"):
        load(web, tmp_path)


@pytest.mark.parametrize("name", ["77", "properties/77", " 77 "])
def test_a_property_is_its_number(web: Property, tmp_path: Path, name: str) -> None:
    serve(web, report([values("20260601", "a", "b", "c")], 1))
    extra = {**web.connection.extra, "property": name}
    web.connection = replace(web.connection, extra=extra)
    assert load(web, tmp_path).rows == 1


def test_a_zone_that_is_not_known_is_told(web: Property, tmp_path: Path) -> None:
    answer = report([], 0, timeZone="Mars/Olympus")
    web.vendor.on("POST", RUN, Answer(answer))
    with pytest.raises(ExtractFailed, match="time zone 'Mars/Olympus' is unknown"):
        load(web, tmp_path)
