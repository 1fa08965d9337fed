"""Our queries and the simulator's answers against Shopify's Admin schema 2026-10."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from graphql import (
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    execute_sync,
    get_named_type,
    is_composite_type,
    parse,
    validate,
    visit,
)

Traffic = Callable[..., list[dict[str, Any]]]
GRAPHQL = "/graphql.json"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").fullmatch


def queries(traffic: Traffic) -> set[str]:
    return {call["body"]["query"] for call in traffic("shopify", GRAPHQL)}


def test_every_query_is_valid(traffic: Traffic, admin_schema: GraphQLSchema) -> None:
    found = queries(traffic)
    # The lists, and the rest of an order's lines and of a discount's codes.
    assert {re.search(r"query (\w+)", text)[1] for text in found} == {
        "Orders",
        "Customers",
        "Locations",
        "Products",
        "Stock",
        "GiftCards",
        "Discounts",
        "Staff",
        "Rest",
    }
    for text in found:
        assert validate(admin_schema, parse(text)) == []


def test_no_query_asks_for_a_deprecated_field(
    traffic: Traffic, admin_schema: GraphQLSchema
) -> None:
    deprecated = []
    for text in queries(traffic):
        info = TypeInfo(admin_schema)

        class Look(Visitor):
            def enter_field(self, node: Any, *_: Any, info: TypeInfo = info) -> None:
                field = info.get_field_def()
                if field and field.deprecation_reason:
                    deprecated.append(f"{node.name.value}: {field.deprecation_reason}")

        visit(parse(text), TypeInfoVisitor(info, Look()))
    assert deprecated == []


def test_what_we_search_by_can_be_searched_by(admin_schema: GraphQLSchema) -> None:
    for root in ("orders", "customers", "products", "discountNodes"):
        argument = admin_schema.query_type.fields[root].args["query"]
        assert re.search(r"^\| updated_at\s*\|\s*time", argument.description, re.MULTILINE), root


def test_the_answers_are_what_the_schema_says(
    traffic: Traffic, admin_schema: GraphQLSchema
) -> None:
    """Each answer is fed back into the query it answers: names, types, enums, nulls."""

    def money(value: Any) -> Any:
        assert isinstance(value, str), value
        Decimal(value)
        return value

    def moment(value: Any) -> Any:
        assert MOMENT(value), value
        return value

    def text(value: Any) -> Any:
        assert isinstance(value, str), value
        return value

    for name, check in (("Decimal", money), ("DateTime", moment), ("ID", text), ("String", text)):
        admin_schema.type_map[name].coerce_output_value = check
    checked = 0
    for call in traffic("shopify", GRAPHQL):
        if call["status"] != 200 or "errors" in call["answer"]:
            continue
        body = call["body"]
        result = execute_sync(
            admin_schema,
            parse(body["query"]),
            root_value=call["answer"]["data"],
            variable_values=body["variables"],
        )
        assert not result.errors, [str(error) for error in result.errors[:3]]
        assert result.data == call["answer"]["data"]
        checked += 1
    assert checked >= 8


def test_everything_the_simulator_can_serve_is_in_the_schema(
    served: dict[str, Any], admin_schema: GraphQLSchema
) -> None:
    unknown = []

    def look(fields: dict[str, Any], kind: Any, path: str) -> None:
        for name, inner in fields.items():
            if name == "__typename":
                continue
            if name.startswith("..."):  # a kind of a union
                of = admin_schema.type_map.get(name[3:])
                if of not in getattr(kind, "types", ()):
                    unknown.append(f"{path}.{name}")
                else:
                    look(inner, of, f"{path}.{name}")
                continue
            field = getattr(kind, "fields", {}).get(name)
            if field is None:
                unknown.append(f"{path}.{name}")
                continue
            below = get_named_type(field.type)
            is_object = is_composite_type(below)
            assert (inner is not None) == is_object, f"{path}.{name}"
            if inner is not None:
                look(inner, below, f"{path}.{name}")

    look(served["shopify"], admin_schema.query_type, "")
    assert unknown == []
