"""Our requests and the simulator's answers against the models of Microsoft's own package, which
also reads the simulator's files."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bingads.v13.reporting import ReportFileReader
from openapi_client.models.campaign.campaign_additional_field import CampaignAdditionalField
from openapi_client.models.campaign.campaign_type import CampaignType
from openapi_client.models.customer.time_zone_type import TimeZoneType
from openapi_client.models.reporting.report_time_zone import ReportTimeZone

from connectors.microsoft_ads import zones

Traffic = Callable[..., list[dict[str, Any]]]
FILES = Path("var/contracts/microsoft_ads").resolve()
# Path of a request: the models of its body and its answer.
CALLS = {
    "/CustomerManagement/v13/Accounts/Search": ("customer", "SearchAccounts"),
    "/CampaignManagement/v13/Campaigns/QueryByAccountId": ("campaign", "GetCampaignsByAccountId"),
    "/Reporting/v13/GenerateReport/Submit": ("reporting", "SubmitGenerateReport"),
    "/Reporting/v13/GenerateReport/Poll": ("reporting", "PollGenerateReport"),
}


FLAGS = {
    "CampaignType": [str(kind) for kind in CampaignType],
    "ReturnAdditionalFields": [str(name) for name in CampaignAdditionalField],
}


def model(service: str, name: str) -> Any:
    file = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    return getattr(importlib.import_module(f"openapi_client.models.{service}.{file}"), name)


def differences(sent: Any, again: Any, path: str = "") -> list[str]:
    """What a model did not give back as it was sent; what is null may be left out."""
    if isinstance(sent, dict) and isinstance(again, dict):
        return [
            found
            for name, value in sent.items()
            for found in (
                differences(value, again[name], f"{path}.{name}")
                if name in again
                else ([] if value is None else [f"{path}.{name} is lost"])
            )
        ]
    if isinstance(sent, list) and isinstance(again, list) and len(sent) == len(again):
        pairs = zip(sent, again, strict=True)
        return [found for pair in pairs for found in differences(*pair, f"{path}[]")]
    return [] if str(sent) == str(again) else [f"{path}: {sent!r} became {again!r}"]


def again(kind: Any, sent: Any) -> list[str]:
    """The differences of what was sent when a model has read it and writes it again."""
    return differences(sent, kind.from_dict(sent).model_dump(mode="json", by_alias=True))


def without_flags(value: Any) -> Any:
    """Without those names of which several may be sent at once: their models cannot write them
    again. They are held against the names themselves."""
    if isinstance(value, list):
        return [without_flags(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    for name, known in FLAGS.items():
        assert {*str(value.get(name) or "").split(", ")} <= {*known, ""}
    return {name: without_flags(inner) for name, inner in value.items() if name not in FLAGS}


@pytest.mark.parametrize("path", CALLS)
@pytest.mark.parametrize("part", ["body", "answer"])
def test_requests_and_answers_are_the_models_as_json(
    traffic: Traffic, path: str, part: str
) -> None:
    """So the names are theirs, ids are texts, and enums are known."""
    service, name = CALLS[path]
    kind = model(service, f"{name}{'Request' if part == 'body' else 'Response'}")
    checked = 0
    for call in traffic("microsoft_ads", path):
        if call["status"] == 200:
            sent = without_flags(call[part])
            if report := sent.pop("ReportRequest", None):  # which one it is, its type says
                assert again(model("reporting", report["Type"]), report) == []
            assert again(kind, sent) == []
            checked += 1
    assert checked > 1


def test_errors_are_the_fault_message(traffic: Traffic) -> None:
    fault = model("reporting", "AdApiFaultDetail")
    refused = [
        call["answer"]
        for path in CALLS
        for call in traffic("microsoft_ads", path)
        if call["status"] >= 400
    ]
    assert refused
    for answer in refused:
        assert again(fault, answer) == []


def test_every_kind_of_campaign_is_asked_for(traffic: Traffic) -> None:
    (asked,) = {call["body"]["CampaignType"] for call in traffic("microsoft_ads", "ByAccountId")}
    assert sorted(asked.split(", ")) == sorted(FLAGS["CampaignType"])


def test_every_time_zone_has_a_clock_and_a_name_in_reports() -> None:
    assert {zone.value for zone in TimeZoneType} == zones.IANA.keys()
    told = {zones.in_reports(zone) for zone in zones.IANA}
    assert told <= {zone.value for zone in ReportTimeZone}


def test_their_reader_finds_in_a_file_what_its_head_says(tmp_path: Path) -> None:
    found = sorted(FILES.glob("*.csv"))
    assert found, "no file was recorded"
    for file in found:
        report = ReportFileReader(str(file), "csv").get_report()
        records = list(report.report_records)
        assert len(records) == report.record_count > 0
        assert all(record.float_value("Spend") >= 0 for record in records)
