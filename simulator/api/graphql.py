"""Just enough GraphQL to answer one query with one root field, honestly.

Understood: an operation with variables, arguments, nested selections, aliases of nothing. Not
understood, and said so: fragments, directives, several root fields.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.api.wire import Problem

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\$?[A-Za-z_]\w*|-?\d+(?:\.\d+)?|\.\.\.|[{}()\[\]:!@=]')
COMMENT = re.compile(r"#[^\n]*")


@dataclass
class Field:
    """A field asked for: its arguments with variables filled in, and what is asked of it."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    selected: dict[str, Field] = field(default_factory=dict)
    is_whole: bool = False  # everything the schema serves here is asked for


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
            found[name] = item
        self.take("}")
        whole = {name for name in schema if name != "edges"}
        return found, whole <= set(found) and all(item.is_whole for item in found.values())

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
        if token in {"true", "false", "null"}:
            return json.loads(token)
        if token[0] in '"-0123456789':
            return json.loads(token)
        return token  # an enum value


def read(text: str, variables: Mapping[str, Any], schema: Mapping[str, Any]) -> Field:
    """The one root field of a query; raises an invalid_request with Shopify's error code."""
    reader = _Reader(text, variables)
    reader.skip_operation()
    roots, _ = reader.selection(schema, "QueryRoot")
    if len(roots) != 1:
        raise Problem("invalid_request", "This server answers one root field at a time.")
    return next(iter(roots.values()))


def project(rows: list[str], asked: Field) -> list[str]:
    """The rows (JSON objects as text) with only the fields asked for."""
    if asked.is_whole:
        return rows
    return [
        json.dumps(_pick(json.loads(row), asked.selected), separators=(",", ":")) for row in rows
    ]


def _pick(value: Any, selected: dict[str, Field]) -> Any:
    if isinstance(value, list):
        return [_pick(item, selected) for item in value]
    if value is None or not selected:
        return value
    return {name: _pick(_member(value, name), item.selected) for name, item in selected.items()}


def _member(value: dict[str, Any], name: str) -> Any:
    if name == "edges" and name not in value:
        return [{"node": node, "cursor": str(at)} for at, node in enumerate(value["nodes"], 1)]
    return value.get(name)
