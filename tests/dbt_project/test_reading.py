"""E-mail addresses and phone numbers mean the same to SQL and to Python, however spelled."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identifiers import reading
from tests.dbt_project.warehouse import PROJECT, Warehouse, run_dbt
from tests.identifiers.spellings import ADDRESSES, NUMBERS

Value = tuple[str, str | None, str | None]  # text, calling code, trunk prefix
Answer = tuple[str | None, str | None]  # e-mail, phone
SqlReading = Callable[[Sequence[Value]], list[Answer]]

COUNTRIES = [(None, None), ("49", "0"), ("1", "1"), ("39", None), ("420", "")]
MODEL = """
select
    {{ normalise_email('value') }} as email,
    {{ normalise_phone('value', 'calling_code', 'trunk_prefix') }} as phone
from spellings order by number
"""

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def by_sql(tmp_path_factory: pytest.TempPathFactory) -> SqlReading:
    """The macros as dbt writes them out, run by DuckDB."""
    warehouse = Warehouse(tmp_path_factory.mktemp("reading"))
    project = warehouse.home / "project"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text(
        f"{{name: o2o, profile: o2o, macro-paths: ['{PROJECT / 'macros'}'],"
        " flags: {send_anonymous_usage_stats: false}}"
    )
    (project / "models" / "reading.sql").write_text(MODEL)
    run_dbt(warehouse, "compile", project)
    query = (warehouse.home / "target/compiled/o2o/models/reading.sql").read_text()
    con = duckdb.connect()

    def read(values: Sequence[Value]) -> list[Answer]:
        columns = [*zip(*values, strict=True), range(len(values))]
        types = [pa.string(), pa.string(), pa.string(), pa.int64()]
        names = ["value", "calling_code", "trunk_prefix", "number"]
        arrays = [pa.array(c, t) for c, t in zip(columns, types, strict=True)]
        con.register("spellings", pa.table(dict(zip(names, arrays, strict=True))))
        return con.execute(query).fetchall()

    return read


def by_python(values: Sequence[Value]) -> list[Answer]:
    return [(reading.email(text), reading.phone(text, *country)) for text, *country in values]


def test_every_hostile_spelling(by_sql: SqlReading) -> None:
    emails = [email for email, _ in by_sql([(text, None, None) for text in ADDRESSES])]
    assert dict(zip(ADDRESSES, emails, strict=True)) == ADDRESSES
    phones = [phone for _, phone in by_sql([(text, *country) for text, country in NUMBERS])]
    assert dict(zip(NUMBERS, phones, strict=True)) == NUMBERS


def test_every_character(by_sql: SqlReading) -> None:
    characters = [chr(n) for n in range(1, 0x10000) if not 0xD800 <= n < 0xE000]
    values: list[Value] = [
        (text, "49", "0")
        for one in characters
        for text in (f"a{one}b@x{one}y.de", f"{one}0170{one}1234567{one}")
    ]
    assert by_sql(values) == by_python(values)


PIECES = st.sampled_from(
    ["anna", "Anna.Schmidt", "@", "@gmail.com", "@GoogleMail.com.", "@b.de", ".", "+", "+x", " ",
     "<", ">", "(", ")", "'", '"', "\\", "mailto:", "?subject=x", ",", ";", ":", "＠", "．", "ﾡ",
     "Ａ", "é", "İ", "Σ", "\u200f", "\u00a0", "\u00ad", "\x00", "\n", "_", "-", "–", "0", "00",
     "0049", "+49", "39", "1", "(0)", "( 0 )", "170", "1234567", "２１２", "٠١٢", "/", "x", "x12",
     "ext. 7", ";ext=7", "#", "Durchwahl 3", "tel:", "Tel. "]
)  # fmt: skip
TEXTS = st.one_of(st.lists(PIECES, max_size=9).map("".join), st.text(max_size=20))
VALUES = st.tuples(TEXTS, st.sampled_from(COUNTRIES)).map(lambda one: (one[0], *one[1]))


@given(st.lists(VALUES, min_size=1, max_size=40))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text(by_sql: SqlReading, values: list[Value]) -> None:
    assert by_sql(values) == by_python(values)
