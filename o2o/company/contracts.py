"""The contracts as files can fill them: what the dbt project says of each, nothing beside it."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import yaml

from connectors.files.cells import CARRIES, RECORD
from connectors.files.description import IDENTIFIERS, RECORD_KEY, Column, Contract, Kind
from o2o.company.currencies import PROJECT
from o2o.company.tables import seeded
from warehouse.landing.personal import Personal

# What the connection tells, not the file.
_OURS = ("connection", "source_system", "_load_id", "order_id")
_KINDS: dict[str, Kind] = {
    "string": "text", "timestamp": "time", "date": "day", "bigint": "whole", "integer": "whole",
    "boolean": "flag", "double": "number",
}  # fmt: skip
_DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)").fullmatch
_PART = re.compile(r"([-+]?)\s*(\w+)")
# Kinds of records whose ids systems give out, and those whose id is an identifier itself.
_GIVEN_OUT = ("customer", "contact", "lead", "loyalty_account")
_SHARED = {"browser": "browser_id", "app_device": "app_device_id"}
_CARRIED = ("email", "phone", "app_device_id")


@cache
def contracts() -> dict[str, Contract]:
    """By name, all that a file can be."""
    file = PROJECT / "models" / "conformed" / "_conformed.yml"
    said = yaml.safe_load(file.read_text(encoding="utf-8"))["models"]
    return {model["name"]: _contract(model) for model in said if model["name"] != "restated_days"}


def _contract(model: dict[str, Any]) -> Contract:
    meta = model["config"]["meta"]
    key = tuple(
        "source_order_id" if name == "order_id" else name
        for name in meta.get("primary_key", _IDENTIFIED)
        if name != "connection"
    )
    columns = {
        said["name"]: _column(said) for said in model["columns"] if said["name"] not in _OURS
    }
    sums = {
        whole: {name: -1 if sign == "-" else 1 for sign, name in _PART.findall(parts)}
        for whole, parts in meta.get("adds_up", {}).items()
    }
    personal = [said["name"] for said in model["columns"] if "Personal." in said["description"]]
    description = " ".join(model["description"].split())
    return Contract(
        model["name"],
        description,
        meta["owner"],
        columns,
        key,
        sums,
        _personal(model["name"], columns, personal),
    )


_IDENTIFIED = ("record_kind", "record_id", "identifier_type", "identifier_value")


def _column(said: dict[str, Any]) -> Column:
    name, kind = said["name"], said["data_type"]
    meta = said.get("config", {}).get("meta", {})
    decimal = _DECIMAL(kind)
    found: Kind = "number" if decimal else _KINDS[kind]
    if name.endswith("_minor"):
        found = "minor"
    elif name.endswith("_micros"):
        found = "micros"
    elif name == "time_zone":
        found = "zone"
    return Column(
        name,
        found,
        any(each["type"] == "not_null" for each in said.get("constraints", ())),
        int(decimal[2]) if decimal else None,
        int(decimal[1]) if decimal else 18,
        tuple(meta.get("values", ())),
        str(meta.get("default", "")),
    )


def _personal(contract: str, columns: dict[str, Column], personal: list[str]) -> Personal | None:
    """What an erasure does to the rows: those of money stay, without what is personal."""
    is_about_records = RECORD_KEY in columns or "record_kind" in columns
    if not personal and not is_about_records and "source_order_id" not in columns:
        return None
    carried = {name: name for name in _CARRIED if name in columns}
    carried |= {f"{RECORD}.{kind}": name for kind, name in _SHARED.items()}
    via = {"source_order_id": "order_id"} if contract != "orders" else {}
    refers: dict[str, str] = {}
    if contract == IDENTIFIERS:
        given_out = {f"{kind}_id" for kind in _GIVEN_OUT}
        for kind in identifier_types():
            (refers if kind in given_out else carried)[f"{CARRIES}.{kind}"] = kind
        via = {f"{RECORD}.order": "order_id"}
    has_money = any(column.kind == "minor" for column in columns.values())
    return Personal(
        "blank" if has_money or "points" in columns else "drop",
        who={f"{RECORD}.{kind}": f"{kind}_id" for kind in _GIVEN_OUT},
        carries=carried,
        record="order_id" if contract == "orders" else "",
        via=via,
        refers=refers,
        also=tuple(name for name in personal if name not in carried),
    )


@cache
def identifier_types() -> tuple[str, ...]:
    """The identifiers that tie records together: those of the seed, but for what is computed."""
    return tuple(kind for kind in seeded("identifier_rules") if kind != "probable_link")
