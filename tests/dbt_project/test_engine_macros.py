"""What the engines spell differently: the same cases, with the same answers, on both.

A case is a query of one text column; `{{ … }}` in it are the project's macros.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml

from tests.dbt_project.warehouse import PROJECT, Warehouse, run_dbt
from tests.identifiers import spellings

PAYLOAD = (
    '{"id": 7, "price": 12.30, "name": "Zoë", "flag": true,'
    ' "inner": {"x": "y"}, "list": [{"k": "a"}, {"k": "b"}], "odd": {"not": "text"},'
    ' "pairs": [{"key": "p", "value": "1"}, {"key": "q", "value": "2"},'
    ' {"key": "p", "value": "3"}],'
    ' "unknown": [1, 2]}'
)
SHAPE = (
    "{'id': 'text', 'price': 'text', 'name': 'text', 'flag': 'text',"
    " 'inner': {'x': 'text'}, 'list': [{'k': 'text'}], 'odd': 'text', 'absent': {'deep': 'text'},"
    " 'pairs': [{'key': 'text', 'value': 'text'}], 'none': [{'k': 'text'}]}"
)
RECORD = (
    f"(select {{{{ json_record('text', {SHAPE}) }}}} as p from (select '{PAYLOAD}' as text) as t)"
)
OPENED = "{'id': 'text!', 'at': 'time', 'tip': 'amount?', 'list': [{'n': 'whole'}]}"
RECORDS = [
    f"('key', '{payload}')"
    for payload in (
        '{"id": "1", "at": "2026-13-45"}',
        '{"id": "2", "list": [{"n": "1"}, {"n": "12,5"}], "tip": "no!"}',
        '{"at": "2026-03-01T12:00:00Z"}',
        "[1]",
        "no JSON",
        '{"id": "6", "at": "", "list": [{"n": 7}], "tip": null}',
    )
]

# The engines write an apostrophe in a literal in different ways.
ADDRESSES = {text: one for text, one in spellings.ADDRESSES.items() if "'" not in text}
NUMBERS = {(text, ",".join(countries)): one for (text, countries), one in spellings.NUMBERS.items()}


def written(rows: Iterable[tuple[str | None, ...]]) -> str:
    """Rows of texts, each with its number, in SQL."""
    texts = (["null" if one is None else f"'{one}'" for one in row] for row in rows)
    return ", ".join(f"({number}, {', '.join(row)})" for number, row in enumerate(texts))


def answers(found: Iterable[str | None]) -> Answer:
    return sorted(f"{number} {one or '-'}" for number, one in enumerate(found))


Answer = list[str | None]
CASES: dict[str, tuple[str, Answer]] = {
    # json: every value comes out as text
    "json_number": (f"select p.id from {RECORD} as r", ["7"]),
    "json_decimal": (f"select cast(p.price as decimal(9, 2)) from {RECORD} as r", ["12.30"]),
    "json_text": (f"select p.name from {RECORD} as r", ["Zoë"]),
    "json_boolean": (f"select p.flag from {RECORD} as r", ["true"]),
    "json_object": (f"select p.inner.x from {RECORD} as r", ["y"]),
    "json_object_as_text": (f"select p.odd from {RECORD} as r", ['{"not":"text"}']),
    "json_absent": (f"select p.absent.deep from {RECORD} as r", [None]),
    # An object of any names; what is none is nothing.
    "json_map": (
        "select concat(e.key, '=', e.value) from (select {{ explode('map_entries(p.m)') }} as e"
        " from (select {{ json_record('text', {'m': 'map', 'x': 'text'}) }} as p from (values"
        """ ('{"m": {"a b": "1", "c": 2.5}}'), ('{"m": [1], "x": "y"}'), ('{"m": null}'), ('{}')"""
        " ) as t (text)) as r) as z order by 1",
        ["a b=1", "c=2.5"],
    ),
    "explode": (
        f"select e.k from (select {{{{ explode('p.list') }}}} as e from {RECORD} as r) as x",
        ["a", "b"],
    ),
    "explode_nothing": (
        f"select e.k from (select {{{{ explode('p.none') }}}} as e from {RECORD} as r) as x",
        [],
    ),
    "first_element": (f"select {{{{ first_element('p.list') }}}}.k from {RECORD} as r", ["a"]),
    "first_of_none": (f"select {{{{ first_element('p.none') }}}}.k from {RECORD} as r", [None]),
    "element_count": (f"select {{{{ element_count('p.pairs') }}}} from {RECORD} as r", ["3"]),
    "count_of_none": (f"select {{{{ element_count('p.none') }}}} from {RECORD} as r", ["0"]),
    "concat_arrays": (
        f"select e.k from (select {{{{ explode(concat_arrays('p.list', 'p.none')) }}}} as e"
        f" from {RECORD} as r) as x",
        ["a", "b"],
    ),
    "concat_two_nulls": (
        f"select {{{{ element_count(concat_arrays('p.none', 'p.none')) }}}} from {RECORD} as r",
        ["0"],
    ),
    "value_of_key": (f"select {{{{ value_of_key('p.pairs', 'p') }}}} from {RECORD} as r", ["1"]),
    "value_of_no_key": (
        f"select {{{{ value_of_key('p.pairs', 'z') }}}} from {RECORD} as r",
        [None],
    ),
    "named_values": (
        "select concat(e.name, '=', coalesce(e.value, '-')) from ("
        "select {{ explode(named_values(['a', 'b'])) }} as e"
        " from (select '1' as a, {{ as_text('null') }} as b) as t) as x",
        ["a=1", "b=-"],
    ),
    "map_elements": (
        "select e from (select {{ explode(map_elements('p.list', \"element.k || '!'\")) }} as e"
        f" from {RECORD} as r) as x",
        ["a!", "b!"],
    ),
    "map_elements_within": (
        "select e from (select {{ explode(map_elements('p.list', element_count("
        "map_elements('p.pairs', 'concat(element.k, part.key)', 'part')))) }} as e"
        f" from {RECORD} as r) as x",
        ["3", "3"],
    ),
    "filter_elements": (
        "select e.value from (select {{ explode(filter_elements('p.pairs', \"element.key = 'p'\"))"
        f" }}}} as e from {RECORD} as r) as x",
        ["1", "3"],
    ),
    "any_element": (
        f"select {{{{ any_element('p.list', \"each.k = 'b'\", 'each') }}}} from {RECORD} as r",
        ["true"],
    ),
    "joined_elements": (
        "select {{ joined_elements(map_elements('p.list', \"nullif(element.k, 'a')\"), \"'+'\") }}"
        f" from {RECORD} as r",
        ["b"],
    ),
    "faults": (
        f"with records as (select * from (values {', '.join(RECORDS)}) as t (_key, _payload))"
        f" select _faults from ({{{{ opened('records', {OPENED}) }}}}) as f",
        [
            None,
            "record|at|time|9999-99-99",
            "record|id|text|",
            "record|list[].n|whole|99,9\nvalue|tip|amount|aaa",
            "record|payload|a JSON object|",
            "record|payload|a JSON object|",
        ],
    ),
    "sum_elements": (
        "select cast({{ sum_elements('p.pairs', \"case part.key when 'p' then part.value end\") }}"
        f" as decimal(9, 2)) from {RECORD} as r",
        ["4.00"],
    ),
    "sum_of_no_elements": (
        "select cast({{ sum_elements('p.none', 'part.k') }} as decimal(9, 2))"
        f" from {RECORD} as r",
        ["0.00"],
    ),
    "array_in_order": (
        "select {{ explode('names') }} from ("
        "select {{ first_element(array_in_order('name', 'place')) }} as first_name,"
        " {{ array_in_order('name', 'place') }} as names"
        " from (select 'z' as name, 1 as place union all select 'y', 0) as t) as a"
        " where first_name = 'y'",
        ["y", "z"],
    ),
    "json_made": (
        "select {{ json_text({'id': 'name', 'inner': {'x': 'name'}, 'list': 'names'}) }} from ("
        "select 'Zoë' as name, {{ array_in_order(json_object({'k': 'name'}), 'name') }} as names"
        " from (select 'b' as name union all select 'a') as t) as a",
        ['{"id":"Zoë","inner":{"x":"Zoë"},"list":[{"k":"a"},{"k":"b"}]}'],
    ),
    # text
    "matches": ("select {{ matches(\"'cpc'\", \"'^(cpc|ppc)$'\") }}", ["true"]),
    "matches_part": ("select {{ matches(\"'a-cpc-b'\", \"'cpc'\") }}", ["true"]),
    "extract_pattern": ("select {{ extract_pattern(\"'gid://x/42'\", '([0-9]+)$') }}", ["42"]),
    "extract_nothing": ("select {{ extract_pattern(\"'gid://x/'\", '([0-9]+)$') }}", [None]),
    "store_code": ("select {{ store_code(\"'Berlin Mitte S001'\") }}", ["S001"]),
    "store_code_within": ("select {{ store_code(\"'XS0012'\") }}", [None]),
    "replace_pattern": ("select {{ replace_pattern(\"'+49 (30) 1'\", '[^0-9]', '') }}", ["49301"]),
    "joined_in_order": (
        "select {{ joined_in_order('name', ['a', 'b'], ' > ') }} from ("
        "select 'z' as name, 1 as a, 2 as b union all select 'y', 1, 1"
        " union all select 'x', 0, 3) as t",
        ["x > y > z"],
    ),
    "billionths": ("select {{ billionths('2', '3') }}", ["666666667"]),
    "billionths_of_all": (
        "select {{ billionths('7000000000001', '7000000000001') }}",
        ["1000000000"],
    ),
    "money_share": ("select {{ money_share('-333', '500000000') }}", ["-167"]),
    "money_share_large": (
        "select {{ money_share('9999999999999', '500000000') }}",
        ["5000000000000"],
    ),
    "hash_key": (
        "select {{ hash_key([\"'a'\", '12', \"date '2026-03-01'\", as_text('null')]) }}",
        [hashlib.md5(b"a|12|2026-03-01|").hexdigest()],
    ),
    "birth_date": ("select {{ birth_date(\"'1984-03-25'\") }}", ["1984-03-25"]),
    "birth_date_swapped": ("select {{ birth_date(\"'1984-25-03'\") }}", [None]),
    "birth_date_without_year": ("select {{ birth_date(\"'0000-03-25'\") }}", [None]),
    "birth_date_otherwise": ("select {{ birth_date(\"'25.3.84'\") }}", [None]),
    # time: the second hour of 25 October comes twice in Berlin
    "utc_zulu": ("select {{ utc(\"'2026-03-01T12:00:00Z'\") }}", ["2026-03-01 12:00:00"]),
    "utc_offset": ("select {{ utc(\"'2026-10-25T02:30:00+02:00'\") }}", ["2026-10-25 00:30:00"]),
    "utc_microseconds": (
        "select {{ utc(\"'2026-03-01T12:00:00.123456Z'\") }}",
        ["2026-03-01 12:00:00.123456"],
    ),
    "utc_without_seconds": ("select {{ utc(\"'2026-03-01T12:00Z'\") }}", ["2026-03-01 12:00:00"]),
    "utc_offset_without_colon": (
        "select {{ utc(\"'2026-03-01T12:00:00+0100'\") }}",
        ["2026-03-01 11:00:00"],
    ),
    "utc_of_no_time": (
        "select {{ utc('text') }} from (values ('next week'), (''), ('infinity'), ('epoch'),"
        " ('2026-13-45'), ('12:00'), ('2026'), ('1772366400000'), ('2026-03-01T12:00:00+99:00'),"
        " ('2026-03-01T12:00:00 Mars/Phobos'), ('0001-01-01T00:00:00Z')) as t (text)",
        [None] * 11,
    ),
    "day": ("select {{ day(\"'2026-03-01'\") }}", ["2026-03-01"]),
    "day_of_a_time": ("select {{ day(\"'2026-03-01 00:00:00'\") }}", ["2026-03-01"]),
    "no_day": (
        "select {{ day('text') }} from (values ('2026-02-30'), (''), ('1.3.2026'), ('2026-03'))"
        " as t (text)",
        [None] * 4,
    ),
    "zone": (
        "select {{ zone('text') }} from (values ('Europe/Berlin'), ('Mars/Phobos'), (''))"
        " as t (text)",
        ["Europe/Berlin", None, None],
    ),
    "wall_clock": (
        "select {{ wall_clock('text') }} from (values ('09:30:00'), ('24:00'), ('9 am'), ('25:00'))"
        " as t (text)",
        ["1440", "570", None, None],
    ),
    "region_code": (
        "select {{ region_code(\"'DE'\", 'text') }} from (values ('BY'), ('by'), ('AT-9'),"
        " ('Bayern'), ('A Coruña'), ('DE-Bayern'), (''), (' ')) as t (text)",
        ["AT-9", "DE-BY", "DE-BY", *[None] * 5],
    ),
    "region_of_no_country": ("select {{ region_code('null', \"'BY'\") }}", [None]),
    # numbers
    "whole": (
        "select {{ whole('text') }} from (values ('-12'), (' 7 '), ('300.0'), ('12.5'), ('12,50'),"
        " ('NaN'), ('1e3'), ('0x1F'), ('1_000'), (''), ('9999999999999999999')) as t (text)",
        ["-12", "300", "7", *[None] * 8],
    ),
    "minor": (
        "select {{ minor('text') }} from (values ('999999999999999'), ('1000000000000000'))"
        " as t (text)",
        ["999999999999999", None],
    ),
    "amount": (
        "select cast({{ amount('text') }} as decimal(9, 2)) from (values ('12.50'), ('1e3'),"
        " ('12,50'), ('NaN'), ('Infinity'), (''), ('1234567890123')) as t (text)",
        ["1000.00", "12.50", *[None] * 5],
    ),
    "flag": (
        "select {{ flag('text') }} from (values ('true'), ('False'), ('1'), ('')) as t (text)",
        [None, None, "false", "true"],
    ),
    "utc_text": (
        "select {{ utc_text(\"'2026-10-25T02:30:00+02:00'\") }}",
        ["2026-10-25T00:30:00.000000Z"],
    ),
    "utc_from_microseconds": (
        "select {{ utc_from_microseconds('cast(1772366400123456 as bigint)') }}",
        ["2026-03-01 12:00:00.123456"],
    ),
    "utc_from_milliseconds": (
        "select {{ utc_from_milliseconds('text') }}"
        " from (values ('1772366400123'), ('1772366400.5'), ('soon'), (null)) as t (text)",
        ["2026-03-01 12:00:00.123", None, None, None],
    ),
    "microseconds": (
        "select {{ microseconds(utc(\"'2026-03-01T12:00:00.123456Z'\")) }}",
        ["1772366400123456"],
    ),
    "local_date_east": (
        "select {{ local_date(utc(\"'2026-03-28T22:59:59Z'\"), \"'Europe/Berlin'\") }}",
        ["2026-03-28"],
    ),
    "local_date_summer": (
        "select {{ local_date(utc(\"'2026-03-29T22:00:00Z'\"), \"'Europe/Berlin'\") }}",
        ["2026-03-30"],
    ),
    "local_date_west": (
        "select {{ local_date(utc(\"'2026-03-01T04:59:59Z'\"), \"'America/New_York'\") }}",
        ["2026-02-28"],
    ),
    "seconds_between": (
        "select {{ seconds_between("
        "utc(\"'2026-03-01T12:00:00Z'\"), utc(\"'2026-03-01T12:01:00.9Z'\")) }}",
        ["60"],
    ),
    "day_number": ("select {{ day_number(\"date '2026-03-01'\") }}", ["20513"]),
    "day_number_before_1970": ("select {{ day_number(\"date '1969-12-31'\") }}", ["-1"]),
    "hour_number": ("select {{ hour_number(utc(\"'1970-01-02T01:59:59Z'\")) }}", ["25"]),
    "local_moment": (
        "select {{ local_moment(\"date '2026-03-29'\", 600, \"'Europe/Berlin'\") }}",
        ["2026-03-29 08:00:00"],
    ),
    "local_moment_midnight": (
        "select {{ local_moment(\"date '2026-03-29'\", 0, \"'Europe/Berlin'\") }}",
        ["2026-03-28 23:00:00"],
    ),
    "local_moment_west": (
        "select {{ local_moment(\"date '2026-03-01'\", 1440, \"'America/New_York'\") }}",
        ["2026-03-02 05:00:00"],
    ),
    "local_day_seconds": (
        "select {{ local_day_seconds('d', \"'Europe/Berlin'\") }} from ("
        "select date '2026-03-28' as d union all select date '2026-03-29'"
        " union all select date '2026-10-25') as t",
        ["82800", "86400", "90000"],
    ),
    # statistics: the last digit, too
    "wilson_low": ("select {{ wilson('10', '50', 'low') }}", ["0.112438"]),
    "wilson_high": ("select {{ wilson('10', '50', 'high') }}", ["0.330371"]),
    "wilson_none": ("select {{ wilson('0', '7', 'low') }}", ["0.000000"]),
    "wilson_all": ("select {{ wilson('7', '7', 'high') }}", ["1.000000"]),
    "student_quantile": (
        "select cast(floor(1000 * {{ student_quantile('27') }} + 0.5) as bigint)",
        ["2052"],
    ),
    # money: exact, and half away from zero
    "to_minor": ("select {{ to_minor(\"'19.995'\", '2') }}", ["2000"]),
    "to_minor_yen": ("select {{ to_minor(\"'1234'\", '0') }}", ["1234"]),
    "to_minor_unknown": ("select {{ to_minor(\"'1'\", 'cast(null as integer)') }}", [None]),
    "to_reporting_minor": (
        "select {{ to_reporting_minor('-5', 'cast(0.5 as decimal(18, 9))') }}",
        ["-3"],
    ),
    "reporting_amount_yen": (
        "select {{ reporting_amount('cast(-1234567 as bigint)', 0) }}",
        ["-1234567"],
    ),
    "reporting_amount_cents": (
        "select {{ reporting_amount('cast(9999999999999999 as bigint)', 2) }}",
        ["99999999999999.99"],
    ),
    "reporting_amount_fils": (
        "select {{ reporting_amount('cast(-1234005 as bigint)', 3) }}",
        ["-1234.005"],
    ),
    "days_from": (
        "select cast(d as string) from (select"
        " {{ explode(days_from(\"date '2024-02-28'\", \"date '2024-03-01'\")) }} as d"
        " from (select 1 as one) as t) as x",
        ["2024-02-28", "2024-02-29", "2024-03-01"],
    ),
    "rates_crossed": (
        "select {{ exact_ratio("
        "without_point('cast(999999999.9999999999 as decimal(20, 10))') ~ ' * 100',"
        " without_point('cast(3.2 as decimal(20, 10))') ~ ' * 1000', 9) }}",
        ["31250000.000000000"],
    ),
    "exact_ratio": (
        "select {{ exact_ratio('cast(2 as bigint)', 'cast(3 as bigint)', 6) }}",
        ["0.666667"],
    ),
    "exact_ratio_half": (
        "select {{ exact_ratio('cast(-1 as bigint)', 'cast(8 as bigint)', 2) }}",
        ["-0.13"],
    ),
    "exact_ratio_large": (
        "select {{ exact_ratio("
        "'cast(999999999999999 as bigint)', 'cast(1000000000 as bigint)', 9) }}",
        ["999999.999999999"],
    ),
    "overlap": (
        "select concat({{ overlap('a', 'b') }}, ' ', {{ overlap('a', 'c') }})"
        " from (select split('1,2', ',') as a, split('2,3', ',') as b, split('4', ',') as c) as t",
        ["true false"],
    ),
    "url_decoded": (
        "select {{ url_decoded('text') }} from (values ('b%C3%BCro%20%26 co'), ('100%'), ('a+b'))"
        " as t (text)",
        ["100%", "a+b", "büro & co"],
    ),
}
# The functions of identifiers/functions.py, and the key. On Spark `o2o build` gives them to its
# session, where the parity test holds what they answer; dbt as a program has a session of its own.
READINGS: dict[str, tuple[str, Answer]] = {
    "keyed_hash": (
        "select {{ keyed_hash(\"'x@example.com'\") }}",
        [hashlib.sha256(b"test|x@example.com").hexdigest()],
    ),
    "read_email": (
        "select concat(number, ' ', coalesce(o2o_read_identifier('email', text, null), '-'))"
        f" from (values {written((text,) for text in ADDRESSES)}) as t (number, text)",
        answers(ADDRESSES.values()),
    ),
    "read_phone": (
        "select concat(number, ' ', coalesce(o2o_read_identifier('phone', text, countries), '-'))"
        f" from (values {written(NUMBERS)}) as t (number, text, countries)",
        answers(NUMBERS.values()),
    ),
    "read_name": (
        "select concat(name.given, '|', name.family, '|', name.generation) from"
        " (select o2o_read_name('Łukasz', 'von der Heide Jr.') as name) as t",
        ["lukasz|von der heide|2"],
    ),
    "read_birth_date": (
        "select o2o_read_birth_date(text) from (values ('1985-03-12'), ('1900-01-01')) as t (text)",
        ["1985-03-12", None],
    ),
    "likeness": (
        "select concat({{ overlap('bob.offered', 'robert.accepted') }}, ' ',"
        " {{ overlap('bob.offered', 'bert.offered') }}) from (select"
        " o2o_likeness('given_name', 'bob', 'k') as bob,"
        " o2o_likeness('given_name', 'robert', 'k') as robert,"
        " o2o_likeness('given_name', 'bertram', 'k') as bert) as t",
        ["true false"],
    ),
    "matches_with_a_pattern_of_each_row": (
        "select o2o_matches(text, pattern) from (values ('n/a', '(?i)^N/A$'), ('nana', '^n/a$'))"
        " as t (text, pattern)",
        ["false", "true"],
    ),
}

# A seed that both engines are to hold as it stands here.
QUOTED = r"""note,empty,amount
a guest's \n first,,7
"the ""other'' one",x,8
"""
SEEDS = {
    "a_seed_keeps_quotes_and_what_is_empty": (
        "select concat(note, '|', coalesce(empty, 'nothing'), '|', amount)"
        " from {{ ref('quoted') }}",
        [r"a guest's \n first|nothing|7", "the \"other'' one|x|8"],
    ),
}


@pytest.mark.e2e
def test_duckdb_answers(tmp_path: Path) -> None:
    check(Warehouse(tmp_path), CASES | READINGS | SEEDS)


@pytest.mark.spark
def test_spark_answers(tmp_path: Path) -> None:
    check(Warehouse(tmp_path, "spark"), CASES | SEEDS)


def check(warehouse: Warehouse, cases: dict[str, tuple[str, Answer]]) -> None:
    project = warehouse.home / "project"
    (project / "models").mkdir(parents=True)
    ours = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    settings = {
        "name": "o2o",
        "profile": "o2o",
        "macro-paths": [str(PROJECT / "macros")],
        "models": {"+materialized": "table"},
        "flags": ours["flags"],
        "vars": ours["vars"],
    }
    (project / "seeds").mkdir()
    (project / "seeds" / "quoted.csv").write_text(QUOTED)
    (project / "dbt_project.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    queries = [
        f"select '{name}' as case_name, {{{{ as_text('answer') }}}} as answer"
        f" from (select answer from ({query}) as q (answer)) as a"
        for name, (query, _) in cases.items()
    ]
    (project / "models" / "answers.sql").write_text("\nunion all\n".join(queries))
    run_dbt(warehouse, "build", project)
    found: dict[str, Answer] = {name: [] for name in cases}
    for name, answer in warehouse.model("answers"):
        found[name].append(answer)
    assert {name: sorted(a, key=str) for name, a in found.items()} == {
        name: answer for name, (_, answer) in cases.items()
    }
