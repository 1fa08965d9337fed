"""The simulated Klaviyo knows what its vendor knows, and refuses the rest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import requests

from demo.serving import running
from demo.vendors import klaviyo
from tests.demo.vendors.api_support import NOW, ask_world, world

HEADERS = {
    "Authorization": f"Klaviyo-API-Key {klaviyo.API_KEY}",
    "revision": klaviyo.REVISION,
}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(world(), now=datetime.fromisoformat(NOW).replace(tzinfo=None)) as address:
        yield f"{address}/klaviyo/api"


def ask(url: str, kind: str, **how: Any) -> requests.Response:
    return requests.get(f"{url}/{kind}", how.pop("asked", {}), headers=HEADERS, timeout=30, **how)


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("profiles", {"filter": "greater-or-equal(updated,2026-02-01T00:00:00Z)"}),
        ("profiles", {"filter": "greater-than(updated,yesterday)"}),
        ("profiles", {"filter": "greater-than(updated,2026-02-01T00:00:00Z"}),
        ("profiles", {"page[size]": "101"}),
        ("profiles", {"fields[profile]": "birthday"}),
        ("campaigns", {"filter": "equals(messages.channel,'email')"}),
        ("flows", {"sort": "color"}),
        ("events", {"page[size]": "1001"}),
        ("events", {"page[cursor]": "x"}),
    ],
)
def test_what_the_vendor_does_not_know_is_refused(
    url: str, kind: str, asked: dict[str, str]
) -> None:
    answer = ask(url, kind, asked=asked)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "invalid"


@pytest.mark.parametrize(
    ("changed", "status"),
    [({"Authorization": "Klaviyo-API-Key wrong"}, 401), ({"revision": "2024-10-15"}, 400)],
)
def test_who_asks_and_as_of_when_must_be_said(
    url: str, changed: dict[str, str], status: int
) -> None:
    found = requests.get(f"{url}/profiles", headers={**HEADERS, **changed}, timeout=30)
    assert found.status_code == status


def test_consents_come_when_they_are_asked_for(url: str) -> None:
    asked = {"page[size]": "1"}
    (plain,) = ask(url, "profiles", asked=asked).json()["data"]
    assert "subscriptions" not in plain["attributes"]
    more = {**asked, "additional-fields[profile]": "subscriptions"}
    (told,) = ask(url, "profiles", asked=more).json()["data"]
    assert told["attributes"]["subscriptions"]["email"]["marketing"]["consent"]


def test_pages_lead_to_all_events_of_a_metric_in_their_order(url: str) -> None:
    asked = {"filter": 'equals(metric_id,"OpnEml")', "page[size]": "100", "sort": "datetime"}
    found, cursor = [], None
    while True:
        answer = ask(url, "events", asked={**asked, **({"page[cursor]": cursor} if cursor else {})})
        found += answer.json()["data"]
        following = answer.json()["links"]["next"]
        if not following:
            break
        cursor = following.partition("page%5Bcursor%5D=")[2]
    moments = [event["attributes"]["datetime"] for event in found]
    assert moments == sorted(moments)
    told = {event["attributes"]["event_properties"]["$event_id"] for event in found}
    held = ask_world(
        f"""select event_no from message_events join message_campaigns using (campaign_no)
        where event_kind = 'opened' and kind = 'email' and visible_at <= '{NOW}'"""
    )
    assert told == {str(number) for (number,) in held} != set()
