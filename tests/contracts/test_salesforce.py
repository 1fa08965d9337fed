"""Our requests and the simulator's answers against Salesforce's client library for Python.

The library signs in, asks what our connector asked, and reads what the simulated vendor answered:
its requests have to be those that were recorded, and it has to find every record.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from requests.adapters import BaseAdapter
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

VERSION = "68.0"
DATA = f"/services/data/v{VERSION}"
Traffic = Callable[..., list[dict[str, Any]]]
RAISED = {
    400: SalesforceMalformedRequest,
    401: SalesforceExpiredSession,
    403: SalesforceRefusedRequest,
    404: SalesforceResourceNotFound,
}


class Recorded(BaseAdapter):
    """Answers a request as it was answered when it was recorded."""

    def __init__(self, calls: list[dict[str, Any]]) -> None:
        super().__init__()
        self.calls = {self.name(c["method"], c["path"], c["query"]): c for c in reversed(calls)}

    @staticmethod
    def name(method: str, path: str, query: dict[str, str]) -> str:
        return f"{method} {path.rstrip('/')} {json.dumps(query, sort_keys=True)}"

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        address = urlsplit(str(request.url))
        name = self.name(str(request.method), address.path, dict(parse_qsl(address.query)))
        assert name in self.calls, f"our connector does not ask {name}"
        call = self.calls[name]
        response = requests.Response()
        response.status_code = call["status"]
        response.reason = HTTPStatus(call["status"]).phrase
        response.url, response.request = str(request.url), request
        response._content = json.dumps(call["answer"]).encode()
        return response

    def close(self) -> None:
        pass


def library(calls: list[dict[str, Any]]) -> Salesforce:
    session = requests.Session()
    session.mount("https://", Recorded(calls))
    return Salesforce(
        consumer_key="id",
        consumer_secret="secret",
        domain="demo.my",
        version=VERSION,
        session=session,
    )


def sound(traffic: Traffic) -> list[dict[str, Any]]:
    return [call for call in traffic("salesforce") if call["status"] == 200]


def asked(traffic: Traffic) -> Iterator[str]:
    queries = [call["query"]["q"] for call in sound(traffic) if call["path"] == f"{DATA}/queryAll"]
    yield from dict.fromkeys(queries)


def test_the_library_signs_in_and_finds_every_record(traffic: Traffic) -> None:
    client = library(sound(traffic))
    pages = [call for call in sound(traffic) if f"{DATA}/query/" in call["path"]]
    assert pages, "a query is answered on several pages"
    found = {}
    for soql in asked(traffic):
        records = list(client.query_all_iter(soql, include_deleted=True))
        assert len(records) == client.query(soql, include_deleted=True)["totalSize"]
        assert len({record["Id"] for record in records}) == len(records)
        found[soql] = len(records)
    assert sum(found.values()) > 100


def test_each_field_that_is_asked_for_is_described(traffic: Traffic) -> None:
    client = library(sound(traffic))
    for soql in asked(traffic):
        fields, _, rest = soql.removeprefix("SELECT ").partition(" FROM ")
        entity = getattr(client, rest.split()[0])
        try:
            described = {field["name"] for field in entity.describe()["fields"]}
        except AssertionError:
            assert fields == "Id", "only a sweep goes without"
            continue
        assert {*fields.split(", ")} <= described


def test_ids_have_18_characters_that_tell_capitals_from_small_letters(traffic: Traffic) -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    for call in sound(traffic):
        for record in call["answer"].get("records", ()):
            if "attributes" not in record:
                continue
            first = record["Id"][:15]
            parts = [first[at : at + 5] for at in (0, 5, 10)]
            marks = [sum(c.isupper() << n for n, c in enumerate(part)) for part in parts]
            assert record["Id"] == first + "".join(letters[mark] for mark in marks)


def test_errors_are_those_that_the_library_knows(traffic: Traffic) -> None:
    refused = [
        call
        for call in traffic("salesforce")
        if call["status"] >= 400 and call["path"].startswith(DATA)
    ]
    assert refused, "chaos has the simulated vendor refuse"
    for call in refused:
        client = library(sound(traffic))
        client._salesforce_login_partial = None  # or it would sign in again
        client.session.mount("https://", Recorded([call]))
        kind = RAISED.get(call["status"], SalesforceGeneralError)
        with pytest.raises(kind) as told:
            client.restful(call["path"].removeprefix(f"{DATA}/"), params=call["query"])
        (error,) = told.value.content
        assert error.keys() == {"message", "errorCode"}
