"""Just enough GraphQL to answer one query with one root field, honestly.

Understood: an operation with variables, arguments, nested selections, the kinds of a union
(``... on Kind``, in the schema ``...Kind``), aliases of nothing. Not understood, and said so: other
fragments, directives, several root fields.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from demo.vendors.core.wire import Problem

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\$?[A-Za-z_]\w*|-?\d+(?:\.\d+)?|\.\.\.|[{}()\[\]:!@=]')
ROOT = "QueryRoot"
MOST_NESTED = 250
COMMENT = re.compile(r"#[^\n]*")


@dataclass
class Field:
    """A field asked for: its arguments with variables filled in, and what is asked of it."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    selected: dict[str, Field] = field(default_factory=dict)
    is_whole: bool = False  # everything the schema serves here is asked for
    is_list: bool = False  # a connection within a row, cut to what its arguments ask for


def _check_list(item: Field) -> None:
    first = item.arguments.get("first")
    if not isinstance(first, int) or not 1 <= first <= MOST_NESTED:
        raise Problem(
            "invalid_request",
            f"you must provide one of first or last for {item.name}, 1 to {MOST_NESTED}",
            code="BAD_REQUEST",
        )
    item.is_list, item.is_whole = True, False


class _Reader:
    def __init__(self, text: str, variables: Mapping[str, Any]) -> None:
        self.tokens = TOKEN.findall(COMMENT.sub("", text))
        self.at = 0
        self.variables = variables

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if not token or (expected and token != expected):
            raise Problem(
                "invalid_request",
                f"Parse error: expected {expected or 'more'}, found {token or 'the end'}.",
                code="parseError",
            )
        self.at += 1
        return token

    def skip_operation(self) -> None:
        """``query Name($first: Int!, …)``: the types are taken on trust."""
        if self.peek() == "query":
            self.take()
            while self.peek() not in {"{", ""}:
                self.take()

    def selection(self, schema: Mapping[str, Any], owner: str) -> tuple[dict[str, Field], bool]:
        self.take("{")
        found: dict[str, Field] = {}
        while self.peek() != "}":
            name = self.take()
            if name == "..." and self.peek() == "on":
                self.take("on")
                name = f"...{self.take()}"
            if name in {"...", "@"} or self.peek() in {":", "@"}:
                raise Problem(
                    "invalid_request", "This server reads no fragments, aliases or directives."
                )
            if name not in schema:
                raise Problem(
                    "invalid_request",
                    f"Field '{name}' doesn't exist on type '{owner}'",
                    code="undefinedField",
                )
            item = Field(name, self.arguments())
            if schema[name] is not None:
                item.selected, item.is_whole = self.selection(schema[name], name)
            else:
                item.is_whole = True
            if owner != ROOT and schema[name] and "pageInfo" in schema[name]:
                _check_list(item)
            found[name] = item
        self.take("}")
        whole = {name for name in schema if name != "edges"}
        is_union = any(name.startswith("...") for name in schema)
        return found, not is_union and whole <= set(found) and all(
            item.is_whole for item in found.values()
        )

    def arguments(self) -> dict[str, Any]:
        given: dict[str, Any] = {}
        if self.peek() == "(":
            self.take()
            while self.peek() != ")":
                name = self.take()
                self.take(":")
                given[name] = self.value()
            self.take(")")
        return given

    def value(self) -> Any:
        token = self.take()
        if token.startswith("$"):
            return self.variables.get(token[1:])
        if token.startswith("["):
            values = []
            while self.peek() != "]":
                values.append(self.value())
            self.take("]")
            return values
        if token in {"true", "false", "null"}:
            return json.loads(token)
        if token[0] in '"-0123456789':
            return json.loads(token)
        return token  # an enum value


def read(text: str, variables: Mapping[str, Any], schema: Mapping[str, Any]) -> Field:
    """The one root field of a query; raises an invalid_request with Shopify's error code."""
    reader = _Reader(text, variables)
    reader.skip_operation()
    roots, _ = reader.selection(schema, ROOT)
    if len(roots) != 1:
        raise Problem("invalid_request", "This server answers one root field at a time.")
    return next(iter(roots.values()))


def project(rows: list[str], asked: Field) -> list[str]:
    """The rows (JSON objects as text) with only the fields asked for."""
    if asked.is_whole:
        return rows
    return [json.dumps(_pick(json.loads(row), asked), separators=(",", ":")) for row in rows]


def _pick(value: Any, asked: Field) -> Any:
    if isinstance(value, list):
        if names := asked.arguments.get("names"):
            value = [item for item in value if item["name"] in names]
        return [_pick(item, asked) for item in value]
    if value is None or not asked.selected:
        return value
    if asked.is_list:
        value = _cut(value["nodes"], asked.arguments)
    picked: dict[str, Any] = {}
    for name, item in asked.selected.items():
        if not name.startswith("..."):
            picked[name] = _pick(value.get(name), item)
        elif name == f"...{value['__typename']}":
            picked |= _pick(value, item)
    return picked


def _cut(nodes: list[Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a list within a row that ``first`` and ``after`` ask for; a cursor is a place."""
    after = str(arguments.get("after") or "0")
    if not after.isdigit():
        raise Problem("invalid_cursor", "The cursor is not one that was issued.")
    start, end = int(after), int(after) + int(arguments["first"])
    part = nodes[start:end]
    return {
        "nodes": part,
        "edges": [{"node": node, "cursor": str(at)} for at, node in enumerate(part, start + 1)],
        "pageInfo": {
            "hasNextPage": end < len(nodes),
            "hasPreviousPage": start > 0,
            "startCursor": str(start + 1) if part else None,
            "endCursor": str(start + len(part)) if part else None,
        },
    }
