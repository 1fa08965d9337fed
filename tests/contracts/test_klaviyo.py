"""Our requests and the simulator's answers against the models of Klaviyo's own SDK, 2026-10-15."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any, get_args, get_type_hints

import pydantic
import pytest
from klaviyo_api import KlaviyoAPI
from openapi_client.api.campaigns_api import CampaignsApi
from openapi_client.api.events_api import EventsApi
from openapi_client.api.flows_api import FlowsApi
from openapi_client.api.metrics_api import MetricsApi
from openapi_client.api.profiles_api import ProfilesApi

Traffic = Callable[..., list[dict[str, Any]]]
CALLS = {
    "/api/profiles": ProfilesApi.get_profiles,
    "/api/campaigns": CampaignsApi.get_campaigns,
    "/api/campaign-messages": CampaignsApi.get_campaign_messages,
    "/api/flows": FlowsApi.get_flows,
    "/api/metrics": MetricsApi.get_metrics,
    "/api/events": EventsApi.get_events,
}
every_call = pytest.mark.parametrize("path", CALLS)


def argument(parameter: str) -> str:
    """``page[size]`` is ``page_size`` in Python."""
    return re.sub(r"\W+", "_", parameter).strip("_")


def hints(path: str) -> dict[str, Any]:
    return get_type_hints(inspect.unwrap(CALLS[path]), include_extras=True)


def described(path: str, name: str) -> str:
    """What the SDK says of a parameter."""
    (told,) = [each for each in get_args(hints(path)[name]) if hasattr(each, "description")]
    return str(told.description)


def allowed(path: str) -> set[tuple[str, str]]:
    """Fields and operators that a list can be filtered by."""
    found = re.findall(r"`([\w.]+)`: ((?:`[a-z-]+`(?:, )?)+)", described(path, "filter"))
    return {
        (name, each) for name, operators in found for each in re.findall(r"`([a-z-]+)`", operators)
    }


def sound(traffic: Traffic, path: str) -> list[dict[str, Any]]:
    return [call for call in traffic("klaviyo", path) if call["status"] == 200]


def strangers(told: Any, model: Any, place: str) -> Iterator[str]:
    """What the SDK's models do not know, and what they lost."""
    if isinstance(told, dict):
        if isinstance(model, pydantic.BaseModel):
            names = {field.alias or name: name for name, field in type(model).model_fields.items()}
            for name, value in told.items():
                if name not in names:
                    yield f"{place}.{name}"
                else:
                    yield from strangers(value, getattr(model, names[name]), f"{place}.{name}")
        elif not isinstance(model, dict):
            yield f"{place}: {type(model).__name__}"
    elif isinstance(told, list):
        if not isinstance(model, list) or len(model) != len(told):
            yield f"{place}: {model!r}"
            return
        for one, other in zip(told, model, strict=True):
            yield from strangers(one, other, f"{place}[]")
    elif told is not None and model is None:
        yield f"{place}: lost"


def test_the_revision_is_the_sdks() -> None:
    assert KlaviyoAPI._REVISION == "2026-10-15"


@every_call
def test_parameters_are_those_of_the_endpoint(traffic: Traffic, path: str) -> None:
    known = inspect.signature(CALLS[path]).parameters
    for call in traffic("klaviyo", path):
        assert {argument(name) for name in call["query"]} <= known.keys()
        if size := call["query"].get("page[size]"):
            (most,) = re.findall(r"Max: (\d+)", described(path, "page_size"))
            assert int(size) <= int(most)


@every_call
def test_filters_are_those_that_the_endpoint_knows(traffic: Traffic, path: str) -> None:
    asked = {
        (name, operator)
        for call in traffic("klaviyo", path)
        for operator, name in re.findall(r"([a-z-]+)\(([\w.]+),", call["query"].get("filter", ""))
    }
    assert asked <= allowed(path)
    assert asked or path == "/api/metrics"


@every_call
def test_answers_are_the_sdks_models(traffic: Traffic, path: str) -> None:
    model = get_args(hints(path)["return"])[0]
    for call in sound(traffic, path):
        answer = call["answer"]
        read = model.from_dict(answer)
        assert not list(strangers(answer, read, "answer"))
