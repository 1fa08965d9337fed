"""What a company may say: one schema, checked as a whole.

Names that must exist (sources, roles, checks, currencies, zones) are compared with those that do.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from connectors.registry import SOURCES
from expectations import catalogue
from expectations.owners import Owner
from o2o.company.currencies import PROJECT, rated
from o2o.company.reading import CompanyError, Document, Key, dotted

MANY = 40  # more names than this are not listed


def _must_be(kind: str, text: str, names: Iterable[str], key: Key = ()) -> None:
    """Raises what pydantic collects; ``key`` where the fault is deeper than what is validated."""
    known = sorted(names)
    if text not in known:
        raise PydanticCustomError(
            "name", "there is no {kind} {text}{near}",
            {
                "kind": kind, "text": repr(text), "near": _near(text, known),
                "allowed": known or ["none here"], "key": key,
            },
        )  # fmt: skip


def _named(kind: str, names: Iterable[str]) -> AfterValidator:
    """Text that is one of these names."""

    def check(text: str) -> str:
        _must_be(kind, text, names)
        return text

    return AfterValidator(check)


def _written(pattern: str, wanted: str) -> AfterValidator:
    """Text of this form."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise PydanticCustomError(
                "form", "{text} is not allowed", {"text": repr(text), "allowed": [wanted]}
            )
        return text

    return AfterValidator(check)


@cache
def shipped() -> dict[str, Any]:
    """The variables of the dbt project: what holds where a company says nothing."""
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    return dict(project["vars"])


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Reporting(_Part):
    """What every amount is converted to, and whose days a report's days are."""

    currency: Annotated[str, _named("currency with an exchange rate", rated())] | None = None
    time_zone: Annotated[str, _named("time zone", available_timezones())] | None = None


class Contact(_Part):
    """Who answers for a role, shown on the owners' page."""

    name: Annotated[str, Field(min_length=1)] | None = None
    email: Annotated[str, _written(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address")] | None = None
    phone: Annotated[
        str, _written(r"\+?[0-9][0-9 ()/-]{3,}", "a phone number, in quotes: '+49 30 1234'")
    ] | None = None  # fmt: skip


class Change(_Part):
    """What is different for a check."""

    severity: Literal["fail", "warn"] | None = None
    limits: dict[str, Annotated[int | float, Field(ge=0)]] = {}


@cache
def _declared() -> dict[str, list[str]]:
    """The checks that there are, each with its limits."""
    themes = catalogue.read(catalogue.FOLDER).values()
    return {words.name: list(words.limits) for theme in themes for words in theme}


def _check(name: str) -> str:
    _must_be("check", name, _declared())
    return name


def _limits(changes: dict[str, Change]) -> dict[str, Change]:
    for name, change in changes.items():
        for limit in change.limits:
            _must_be("limit", limit, _declared()[name], ("checks", name, "limits", limit))
    return changes


class Schema(_Part):
    """A company's configuration."""

    reporting: Reporting = Reporting()
    connections: Annotated[
        list[Annotated[str, _named("source", SOURCES)]], Field(min_length=1)
    ] | None = None  # fmt: skip
    owners: dict[Annotated[str, _named("role", Owner)], Contact] = {}
    experiments: Annotated[str, Field(min_length=1)] | None = None
    linkage: bool | None = None
    checks: Annotated[
        dict[Annotated[str, AfterValidator(_check)], Change], AfterValidator(_limits)
    ] = {}


def checked(document: Document) -> Schema:
    """What the document says. Raises CompanyError with every fault that was found."""
    try:
        return Schema.model_validate(document.data)
    except ValidationError as error:
        told = "\n".join(dict.fromkeys(_faults(document, error.errors())))
        raise CompanyError(told) from None


def _faults(document: Document, errors: Iterable[ErrorDetails]) -> Iterator[str]:
    for error in errors:
        # Alternatives of a type and "[key]" are pydantic's, no part of the document.
        key: Key = tuple(part for part in error["loc"] if part not in ("int", "float", "[key]"))
        key = error.get("ctx", {}).get("key") or key
        what, allowed = _words(error, key)
        yield f"{document.place(key)}: {dotted(key)}: {what}; allowed: {allowed}"


def _words(error: ErrorDetails, key: Key) -> tuple[str, str]:
    """What is wrong, and what would be right."""
    told, ctx = repr(error["input"]), error.get("ctx", {})
    if error["type"] == "extra_forbidden":
        known = _keys(key[:-1])
        return f"there is no such key{_near(str(key[-1]), known)}", ", ".join(known)
    if error["type"] in ("name", "form"):
        names = ctx["allowed"]
        listed = ", ".join(names) if len(names) <= MANY else f"any of {len(names)} names"
        return error["msg"], listed
    wanted = {
        "bool_type": "on, off",
        "dict_type": "keys with their values",
        "model_type": "keys with their values: " + ", ".join(_keys(key)),
        "list_type": "a list, [shopify, square]",
        "string_type": "text; in quotes, if it looks like a number",
        "literal_error": str(ctx.get("expected", "")).replace("'", "").replace(" or ", ", "),
        "too_short": "one at least; leave the key out for all",
        "string_too_short": "text; leave the key out for none",
    }
    return f"{told} is not allowed", wanted.get(error["type"], "a number, 0 or more")


def _keys(key: Key) -> list[str]:
    """The keys that may stand under a key."""
    match key:
        case ("reporting",):
            part: type[BaseModel] = Reporting
        case ("owners", _):
            part = Contact
        case ("checks", _):
            part = Change
        case _:
            part = Schema
    return list(part.model_fields)


def _near(text: str, names: Iterable[str]) -> str:
    found = difflib.get_close_matches(text.casefold(), {n.casefold(): n for n in names}, 1, 0.6)
    by_folded = {name.casefold(): name for name in names}
    return f" (did you mean {by_folded[found[0]]}?)" if found else ""
