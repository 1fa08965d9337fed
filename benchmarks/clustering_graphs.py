"""Graphs to cluster, as Parquet files of (node_a, node_b)."""

# ruff: noqa: S608  (our own table names and file paths)
from __future__ import annotations

from pathlib import Path

import duckdb

# Records that meet identifiers as they do in the warehouse. A person has 1 to 10 records and 1 to 6
# identifiers, a record shows 1 to 4 of them; every fortieth identifier serves four people (a
# family's phone, a shared browser). Most components have 3 to 30 nodes.
PEOPLE = """
    with people as (
        select
            range as person,
            cast(1 + 9 * power((hash(range, 1) % 1000000) / 1e6, 1.3) as bigint) as records,
            cast(1 + hash(range, 2) % 6 as bigint) as identifiers
        from range({edges} * 10 // 83)
    ),
    records as (
        select person, identifiers, unnest(range(records)) as record from people
    ),
    shown as (
        select
            person, record, identifiers,
            unnest(range(cast(2 + hash(person, record, 3) % 3 as bigint))) as place
        from records
    ),
    picked as (
        select
            person * 100 + record as a,
            cast(hash(person, record, place) % identifiers as bigint) as identifier,
            person
        from shown
    )
    select distinct
        a,
        case when hash(person, identifier) % 40 = 0 then person // 4 * 400 + 50 + identifier
            else person * 100 + identifier end as b
    from picked
"""
SHAPES = {
    "people": PEOPLE,
    "ordered chain": "select range as a, range + 1 as b from range({edges})",
    "random chain": """
        with shuffled as (
            select range as number, row_number() over (order by hash(range, 7)) as place
            from range({edges} + 1)
        )
        select here.number as a, there.number as b
        from shuffled as here inner join shuffled as there on here.place + 1 = there.place
    """,
    "star": "select 0 as a, range + 1 as b from range({edges})",
    "star of records": "select range + 1 as a, 0 as b from range({edges})",
    "one giant": """
        select cast(hash(range, 1) % ({edges} // 4) as bigint) as a,
            cast(hash(range, 2) % ({edges} // 4) as bigint) as b
        from range({edges})
    """,
}
# Keys as the warehouse has them: a record's connection, kind and number, an identifier's type and
# keyed hash. On other shapes a node may stand on both sides, so all keys are of one kind.
TEXT = {
    "people": (
        "'shopify:order:' || (4500000000000 + a)",
        "case b % 3 when 0 then 'email:' when 1 then 'phone:' else 'browser_id:' end"
        " || md5('a' || b) || md5('b' || b)",
    )
}
OTHER_TEXT = tuple(f"'email:' || md5('a' || {end}) || md5('b' || {end})" for end in ("a", "b"))


def write_graph(file: Path, shape: str, edges: int, keys: str) -> int:
    """Write about ``edges`` edges of a shape in random order; returns how many. ``keys`` is text or
    bigint. The same arguments give the same graph."""
    a, b = TEXT.get(shape, OTHER_TEXT)
    if keys == "bigint":
        a = "cast(hash(a, 1) >> 1 as bigint)"
        b = "cast(hash(b, {}) >> 1 as bigint)".format(2 if shape == "people" else 1)
    with duckdb.connect() as con:
        con.execute("set preserve_insertion_order = false")
        order = "" if shape == "ordered chain" else "order by hash(a, b)"
        con.execute(
            f"copy (select {a} as node_a, {b} as node_b"
            f" from ({SHAPES[shape].format(edges=edges)}) {order}) to '{file}'"
        )
        return int(con.execute(f"select count(*) from '{file}'").fetchall()[0][0])
