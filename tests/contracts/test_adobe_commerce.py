"""Our requests and the simulator's answers against the OpenAPI file that Adobe publishes, 2.4.9."""

from __future__ import annotations

import hashlib
import re
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from jsonschema import Draft4Validator, ValidationError

from tests.contracts.conftest import FOLDER

Traffic = Callable[..., list[dict[str, Any]]]
SPEC = (
    "https://raw.githubusercontent.com/AdobeDocs/commerce-webapi/"
    "e2275b5623d47d248df025a9e2a276162e551699/src/openapi/admin-schema-2.4.9.yaml"
)
SPEC_SHA256 = "c5c6dbc3d4995f3ee136cc49dbb74d5c323477a8954df0b213e65e1bae9bea6d"
ROOT = "/rest/all"
PATHS = (
    "/V1/store/storeConfigs",
    "/V1/orders",
    "/V1/invoices",
    "/V1/creditmemos",
    "/V1/customers/search",
    "/V1/products",
    "/V1/categories/list",
    "/V1/inventory/sources",
    "/V1/inventory/source-items",
    "/V1/salesRules/search",
    "/V1/coupons/search",
)
# What a shop adds itself, and of every list: which fields are wanted.
OWN = {"items[].extension_attributes.ga_client_id"}
OF_ALL = {"fields"}
# A made-up customer may have left out what a shop asks for.
LEFT_OUT = re.compile(
    r"'(email|customer_email|telephone|firstname|lastname|children)' is a required property"
)


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    file = FOLDER / "admin-schema-2.4.9.yaml"
    if not file.exists():
        with urllib.request.urlopen(SPEC) as answer:
            file.write_bytes(answer.read())
    if hashlib.sha256(file.read_bytes()).hexdigest() != SPEC_SHA256:
        file.unlink()
        pytest.fail("Adobe's specification is not the file that was pinned; try again")
    return yaml.load(file.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def strangers(spec: dict[str, Any], schema: dict[str, Any], value: Any, path: str) -> Iterator[str]:
    """Fields of an answer that the specification does not have."""
    if "$ref" in schema:
        schema = spec["definitions"][schema["$ref"].rpartition("/")[2]]
    if isinstance(value, dict) and "properties" in schema:
        for name, inner in value.items():
            place = f"{path}.{name}".lstrip(".")
            if name in schema["properties"]:
                yield from strangers(spec, schema["properties"][name], inner, place)
            elif place not in OWN:
                yield place
    elif isinstance(value, list) and "items" in schema:
        for inner in value:
            yield from strangers(spec, schema["items"], inner, f"{path}[]")


def is_known(error: ValidationError) -> bool:
    """Values of a product's own attributes are typed as texts; several choices are an array."""
    is_choice = "custom_attributes" in error.absolute_path and isinstance(error.instance, list)
    return is_choice or bool(LEFT_OUT.search(error.message))


@pytest.mark.parametrize("path", PATHS)
def test_requests_have_the_parameters_of_the_endpoint(
    spec: dict[str, Any], traffic: Traffic, path: str
) -> None:
    declared = spec["paths"][path]["get"].get("parameters", [])
    known = {re.sub(r"\[\d+\]", "[0]", each["name"]) for each in declared} | OF_ALL
    for call in traffic("adobe_commerce", f"{ROOT}{path}"):
        assert call["method"] == "GET"
        assert {re.sub(r"\[\d+\]", "[0]", name) for name in call["query"]} <= known


@pytest.mark.parametrize("path", PATHS)
def test_answers_are_what_the_specification_says(
    spec: dict[str, Any], traffic: Traffic, path: str
) -> None:
    responses = spec["paths"][path]["get"]["responses"]
    rows = 0
    for call in traffic("adobe_commerce", f"{ROOT}{path}"):
        told = responses.get(str(call["status"]), responses["default"])
        schema = told.get("schema", told)
        answer = call["answer"]
        if "fields" in call["query"]:
            continue  # of each row only the id
        validator = Draft4Validator({**schema, "definitions": spec["definitions"]})
        wrong = [error for error in validator.iter_errors(answer) if not is_known(error)]
        assert not [error.message for error in wrong][:3]
        assert not sorted(set(strangers(spec, schema, answer, "")))
        if call["status"] == 200:
            rows += len(answer if isinstance(answer, list) else answer["items"])
    assert rows or path == "/V1/creditmemos", "nothing was compared"  # little is sent back
