"""Our requests and the simulator's answers against the models of Square's own SDK, 2026-09-16."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, Literal, get_args, get_origin

import pydantic
import pytest
from square.bookings.client import BookingsClient
from square.catalog.client import CatalogClient
from square.customers.client import CustomersClient
from square.devices.client import DevicesClient
from square.gift_cards.activities.client import ActivitiesClient
from square.gift_cards.client import GiftCardsClient
from square.inventory.client import InventoryClient
from square.locations.client import LocationsClient
from square.loyalty.accounts.client import AccountsClient
from square.loyalty.client import LoyaltyClient
from square.orders.client import OrdersClient
from square.payments.client import PaymentsClient
from square.refunds.client import RefundsClient
from square.team_members.client import TeamMembersClient
from square.types.batch_get_inventory_counts_response import BatchGetInventoryCountsResponse
from square.types.customer_query import CustomerQuery
from square.types.list_bookings_response import ListBookingsResponse
from square.types.list_devices_response import ListDevicesResponse
from square.types.list_gift_card_activities_response import ListGiftCardActivitiesResponse
from square.types.list_gift_cards_response import ListGiftCardsResponse
from square.types.list_locations_response import ListLocationsResponse
from square.types.list_payment_refunds_response import ListPaymentRefundsResponse
from square.types.list_payments_response import ListPaymentsResponse
from square.types.loyalty_event_query import LoyaltyEventQuery
from square.types.obtain_token_response import ObtainTokenResponse
from square.types.search_catalog_objects_response import SearchCatalogObjectsResponse
from square.types.search_customers_response import SearchCustomersResponse
from square.types.search_loyalty_accounts_response import SearchLoyaltyAccountsResponse
from square.types.search_loyalty_events_response import SearchLoyaltyEventsResponse
from square.types.search_orders_query import SearchOrdersQuery
from square.types.search_orders_response import SearchOrdersResponse
from square.types.search_team_members_response import SearchTeamMembersResponse

Traffic = Callable[..., list[dict[str, Any]]]
CALLS = {
    "/v2/locations": (LocationsClient.list, ListLocationsResponse, None),
    "/v2/orders/search": (OrdersClient.search, SearchOrdersResponse, SearchOrdersQuery),
    "/v2/payments": (PaymentsClient.list, ListPaymentsResponse, None),
    "/v2/refunds": (RefundsClient.list, ListPaymentRefundsResponse, None),
    "/v2/customers/search": (CustomersClient.search, SearchCustomersResponse, CustomerQuery),
    "/v2/loyalty/accounts/search": (
        AccountsClient.search,
        SearchLoyaltyAccountsResponse,
        None,
    ),
    "/v2/bookings": (BookingsClient.list, ListBookingsResponse, None),
    "/v2/catalog/search": (CatalogClient.search, SearchCatalogObjectsResponse, None),
    "/v2/inventory/counts/batch-retrieve": (
        InventoryClient.batch_get_counts,
        BatchGetInventoryCountsResponse,
        None,
    ),
    "/v2/gift-cards": (GiftCardsClient.list, ListGiftCardsResponse, None),
    "/v2/gift-cards/activities": (ActivitiesClient.list, ListGiftCardActivitiesResponse, None),
    "/v2/loyalty/events/search": (
        LoyaltyClient.search_events,
        SearchLoyaltyEventsResponse,
        LoyaltyEventQuery,
    ),
    "/v2/team-members/search": (TeamMembersClient.search, SearchTeamMembersResponse, None),
    "/v2/devices": (DevicesClient.list, ListDevicesResponse, None),
}


def strangers(model: pydantic.BaseModel, path: str) -> Iterator[str]:
    """What the SDK's models do not know: fields, and values of enums."""
    for name in model.model_extra or {}:
        yield f"{path}.{name}"
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, pydantic.BaseModel):
                yield from strangers(each, f"{path}.{name}")
            elif isinstance(each, str) and each not in (literals(field.annotation) or {each}):
                yield f"{path}.{name}: {each}"


def literals(annotation: Any) -> set[str]:
    """The values of an enum: the SDK writes ``Union[Literal[…], Any]``."""
    if get_origin(annotation) is Literal:
        return set(get_args(annotation))
    return {value for inner in get_args(annotation) for value in literals(inner)}


@pytest.mark.parametrize("path", CALLS)
def test_requests_have_the_parameters_of_the_endpoint(traffic: Traffic, path: str) -> None:
    method, _, query = CALLS[path]
    known = inspect.signature(method).parameters
    for call in traffic("square", path):
        if call["status"] == 400:
            continue  # refused on purpose
        sent = {**call["query"], **(call["body"] or {})}
        assert sent.keys() <= known.keys()
        if query:
            assert not list(strangers(query.model_validate(sent["query"]), "query"))
        for name, value in sent.items():
            enum = literals(known[name].annotation)
            assert not enum or value in enum, f"{name}={value}"


@pytest.mark.parametrize("path", CALLS)
def test_answers_are_what_the_sdk_reads(traffic: Traffic, path: str) -> None:
    _, response, _ = CALLS[path]
    for call in traffic("square", path):
        # Validated, not just constructed: a number where a text belongs is an error.
        answer = response.model_validate(call["answer"], strict=True)
        assert sorted(set(strangers(answer, ""))) == []
        if call["status"] != 200:
            assert answer.errors


def test_the_token_answer_is_what_the_sdk_reads(traffic: Traffic) -> None:
    for call in traffic("square", "/oauth2/token"):
        answer = ObtainTokenResponse.model_validate(call["answer"], strict=True)
        assert list(strangers(answer, "")) == []
