"""Febrl's records as this project reads them, and small sets made from them."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest

from benchmarks.linkage_sets import Errors, RecordSet, duplicated, people


@pytest.fixture(scope="session")
def small() -> RecordSet:
    """300 persons with up to three records each."""
    return duplicated("small", people(300, random.Random(1)), Errors(), 3, seed=2)


@pytest.fixture(scope="session")
def persons(small: RecordSet) -> pa.Table:
    """The same as persons of the warehouse, under its names of the fields."""
    names = {
        "unique_id": "person_key",
        "surname": "family_name",
        "date_of_birth": "birth_date",
        "address_1": "street",
        "suburb": "city",
        "postcode": "postal_code",
    }
    kept = small.records.select(["given_name", *names])
    return kept.rename_columns([names.get(name, name) for name in kept.column_names])
