"""The decimals of currencies, read where the warehouse reads them: the seeds of the dbt project."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"


@cache
def exponents() -> dict[str, int]:
    """The number of decimals of every currency, by its ISO 4217 code."""
    rows = _seed("currencies")
    return {row["currency_code"]: int(row["exponent"]) for row in rows}


@cache
def rated() -> frozenset[str]:
    """The currencies with a rate that ships, for as long as nobody tells any."""
    return frozenset(row["currency_code"] for row in _seed("default_exchange_rates"))


def _seed(name: str) -> list[dict[str, str]]:
    with (PROJECT / "seeds" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
