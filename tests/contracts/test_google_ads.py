"""Our GAQL and the simulator's answers against the v26 messages of Google's own client."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from google.ads.googleads.v26.errors.types.errors import GoogleAdsFailure
from google.ads.googleads.v26.services.types.google_ads_service import (
    GoogleAdsRow,
    SearchGoogleAdsRequest,
    SearchGoogleAdsResponse,
)
from google.protobuf import json_format

Traffic = Callable[..., list[dict[str, Any]]]
SEARCH = "googleAds:search"
ROW = GoogleAdsRow.pb().DESCRIPTOR
PATH = re.compile(r"\b[a-z_]+(?:\.[a-z_]+)+\b")


def missing(path: str) -> bool:
    """Whether a GAQL field (``campaign.id``) is none of GoogleAdsRow."""
    message = ROW
    for step in path.split("."):
        field = message.fields_by_name.get(step) if message else None
        if field is None:
            return True
        message = field.message_type
    return message is not None  # a message as a whole cannot be selected


def test_every_field_of_our_queries_exists(traffic: Traffic) -> None:
    calls = traffic("google_ads", SEARCH)
    found = {call["body"]["query"] for call in calls if call["status"] == 200}
    assert {re.search(r"FROM (\w+)", query)[1] for query in found} == {
        "customer",
        "campaign",
        "click_view",
    }
    paths = {path for query in found for path in PATH.findall(re.sub(r"'[^']*'", "", query))}
    assert len(paths) > 15
    assert [path for path in sorted(paths) if missing(path)] == []
    for query in found:
        assert re.search(r"FROM (\w+)", query)[1] in ROW.fields_by_name


def test_every_field_the_simulator_can_serve_exists(served: dict[str, Any]) -> None:
    assert [path for path in served["google_ads"] if missing(path)] == []


@pytest.mark.parametrize("part", ["body", "answer"])
def test_requests_and_answers_are_the_messages_as_json(traffic: Traffic, part: str) -> None:
    """Read as the message and written again, nothing may change: so the names are the JSON names,
    64-bit numbers are strings, and enums are known. Only zeros may be left out."""
    message = SearchGoogleAdsRequest if part == "body" else SearchGoogleAdsResponse
    checked = 0
    for call in traffic("google_ads", SEARCH):
        if call["status"] == 200:
            parsed = json_format.ParseDict(call[part], message.pb()())
            assert differences(call[part], json_format.MessageToDict(parsed)) == []
            checked += 1
    assert checked > 20


def test_errors_are_the_failure_message(traffic: Traffic) -> None:
    failures = [
        detail
        for call in traffic("google_ads", SEARCH)
        if call["status"] != 200
        for detail in call["answer"]["error"].get("details", [])
    ]
    assert len(failures) > 8
    for failure in failures:
        kind = failure.pop("@type")
        assert kind == f"type.googleapis.com/{GoogleAdsFailure.pb().DESCRIPTOR.full_name}"
        json_format.ParseDict(failure, GoogleAdsFailure.pb()())


def differences(sent: Any, again: Any, path: str = "") -> list[str]:
    if isinstance(sent, dict) and isinstance(again, dict):
        return [
            found
            for name, value in sent.items()
            for found in (
                differences(value, again[name], f"{path}.{name}")
                if name in again
                else ([] if value in (0, "0", False, "", [], {}) else [f"{path}.{name} is lost"])
            )
        ]
    if isinstance(sent, list) and isinstance(again, list) and len(sent) == len(again):
        pairs = zip(sent, again, strict=True)
        return [found for pair in pairs for found in differences(*pair, f"{path}[]")]
    same = sent == again and (isinstance(sent, str) == isinstance(again, str))
    return [] if same else [f"{path}: {sent!r} became {again!r}"]
