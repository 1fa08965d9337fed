"""Our reports and the simulator's answers against the v1beta messages of Google's own client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from google.analytics.data_v1beta.types import RunReportRequest, RunReportResponse
from google.protobuf import json_format

Traffic = Callable[..., list[dict[str, Any]]]
RUN = ":runReport"


def differences(sent: Any, again: Any, path: str = "") -> list[str]:
    """What a message did not give back as it was sent. Zeros may be left out, and numbers of 64
    bits are texts."""
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
    same = sent == again and isinstance(sent, str) == isinstance(again, str)
    return [] if same else [f"{path}: {sent!r} became {again!r}"]


@pytest.mark.parametrize("part", ["body", "answer"])
def test_requests_and_answers_are_the_messages_as_json(traffic: Traffic, part: str) -> None:
    message = RunReportRequest if part == "body" else RunReportResponse
    checked = 0
    for call in traffic("ga4_reports", RUN):
        if call["status"] == 200:
            parsed = json_format.ParseDict(call[part], message.pb()())
            assert differences(call[part], json_format.MessageToDict(parsed)) == []
            checked += 1
    assert checked > 20


def test_values_stand_beside_their_headers(traffic: Traffic) -> None:
    rows = 0
    for call in traffic("ga4_reports", RUN):
        if call["status"] != 200:
            continue
        answer = json_format.ParseDict(call["answer"], RunReportResponse.pb()())
        for row in answer.rows:
            assert len(row.dimension_values) == len(answer.dimension_headers)
            assert len(row.metric_values) == len(answer.metric_headers)
            rows += 1
    assert rows > 20
