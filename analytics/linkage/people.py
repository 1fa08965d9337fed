"""Links between persons who stayed apart in the warehouse: proposed, with their reasons.

Here a wrong link costs more than a missing one: two persons become one in every report. So more is
asked than of two records of a file, and names with an address are never enough.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pyarrow as pa

from analytics.linkage.backend import Backend, OnDuckDB
from analytics.linkage.comparisons import Comparison
from analytics.linkage.explain import weights, words
from analytics.linkage.fields import recognise
from analytics.linkage.normalise import normalise
from analytics.linkage.scoring import ID, SOURCE, Scorer

ACCEPT = 0.99
REVIEW = 0.5
KEY = "person_key"

# What may tell a person beyond the name. The address counts once, whatever parts it has.
_IDENTIFYING = ("date_of_birth", "email", "phone", "national_id", "address_1")
_DECISIVE = ("given_name", "generation", "date_of_birth", "national_id")
_PERSONAL = ("date_of_birth", "email", "phone", "national_id")
_SCHEMA = pa.schema(
    [
        ("key_left", pa.string()),
        ("key_right", pa.string()),
        ("probability", pa.float64()),
        ("weights", pa.string()),
        ("explanation", pa.string()),
        ("decision", pa.string()),
    ]
)


@dataclass(frozen=True)
class Availability:
    """Whether links can be proposed; if not, ``reason`` says why."""

    possible: bool
    reason: str = ""


def available(columns: Collection[str]) -> Availability:
    """Whether the ``columns`` that hold anything are enough to propose links.

    Needed are a name and two identifying fields beyond it: birth date, e-mail, phone, street,
    national id.
    """
    fields = set(recognise(name for name in columns if name != KEY))
    if not fields & {"given_name", "surname", "full_name"}:
        return Availability(False, "no names are known")
    identifying = [field for field in _IDENTIFYING if field in fields]
    if len(identifying) < 2:
        known = ", ".join(identifying) or "nothing"
        return Availability(
            False,
            f"beyond names, {known} is known: two of birth date, e-mail, phone, street and"
            " national id are needed",
        )
    return Availability(True)


def propose(people: Any, *, spark: Any = None) -> tuple[pa.Table, pa.Table]:
    """Propose links between ``people``: (accepted links, links for review).

    ``people`` has one row per person: ``person_key`` (text, unique) and any of given name, surname,
    birth date, street, city, postal code, country, e-mail and phone under their usual names, each
    maybe null: a pyarrow table, a DuckDB relation or a Spark DataFrame. Splink works on a
    DuckDB in memory, or on the session ``spark``.

    Both results have ``key_left`` < ``key_right``, ``probability``, ``weights`` (JSON: field → log2
    of the odds), ``explanation`` and ``decision`` (accept, review). They are empty where
    ``available`` says no.
    """
    table = people if isinstance(people, pa.Table) else _table(people)
    fields = recognise(name for name in table.column_names if name != KEY)
    spelled = normalise(table, fields)
    known = [name for name in spelled.column_names if spelled[name].null_count < table.num_rows]
    if not available(known).possible:
        return _SCHEMA.empty_table(), _SCHEMA.empty_table()
    backend = OnDuckDB() if spark is None else _on_spark(spark)
    spelled = spelled.select(known).append_column(ID, table[KEY].cast(pa.string()))
    backend.load(
        "o2o_people", spelled.append_column(SOURCE, pa.array([""] * len(spelled), pa.string()))
    )
    try:
        scorer = Scorer(backend, "o2o_people", known)
        pairs = scorer.pairs(0.0)  # a probability of REVIEW
    finally:
        backend.close()
    told = [
        proposal
        for row, said, parts in zip(
            pairs.to_pylist(),
            words(scorer.compared, pairs),
            pa.table(weights(scorer.compared, pairs)).to_pylist(),
            strict=True,
        )
        if (proposal := _told(row, said, parts, scorer))
    ]
    accepted = [row for row in told if row["decision"] == "accept"]
    review = [row for row in told if row["decision"] == "review"]
    return pa.Table.from_pylist(accepted, _SCHEMA), pa.Table.from_pylist(review, _SCHEMA)


def _table(people: Any) -> pa.Table:
    """A DuckDB relation's or a Spark DataFrame's rows. They pass through this process, which spells
    them alike for both engines."""
    return people.to_arrow_table() if hasattr(people, "to_arrow_table") else people.toArrow()


def _on_spark(session: Any) -> Backend:
    from analytics.linkage.spark import OnSpark  # PySpark is an extra

    return OnSpark(session)


def _told(
    row: dict[str, Any], said: str, parts: dict[str, float | None], scorer: Scorer
) -> dict[str, Any] | None:
    """A proposal; None for a pair that is not worth anybody's time."""
    speaking = _speaking(row, scorer.compared)
    personal = speaking.intersection(_PERSONAL)
    against = any(row.get(f"gamma_{field}", -1) == 0 for field in _DECISIVE)
    if row["match_probability"] < REVIEW or not personal:
        return None
    # Two fields beyond the names, and nothing decisive against it, as with a mother's e-mail and
    # phone. One of the two must be no identifier: whom a phone or an e-mail address alone could
    # join, the guards have kept apart, and for a reason.
    sure = (
        row["match_probability"] >= ACCEPT
        and len(speaking) >= 2
        and bool(speaking & {"date_of_birth", "national_id"})
        and not against
    )
    return {
        "key_left": row[f"{ID}_l"],
        "key_right": row[f"{ID}_r"],
        "probability": round(row["match_probability"], 6),
        "weights": json.dumps({field: part for field, part in parts.items() if part is not None}),
        "explanation": said,
        "decision": "accept" if sure else "review",
    }


def _speaking(row: dict[str, Any], compared: Sequence[Comparison]) -> set[str]:
    """The fields beyond the names that speak for one person. An e-mail address that is alike says
    what the names say already: it was made of them."""
    return {
        item.field
        for item in compared
        if item.field in (*_PERSONAL, "address", "address_1")
        and cast(float, row[f"mw_{item.field}"]) > 2
        and not (item.field == "email" and item.level(row["gamma_email"]).words == "similar")
    }
