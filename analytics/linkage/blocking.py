"""Which pairs are compared at all: those that share a key, where not too many do."""

# The SQL is put together from this package's own constants.
# ruff: noqa: S608
from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

PAIRS_PER_RULE = 4_000_000
LARGEST_BLOCK, SMALLEST_CAP = 500, 60
SMALL_SET = 20_000
IDENTIFYING = ("date_of_birth", "national_id", "email", "phone")
DEFAULT_ABOVE, DEFAULT_SHARE = 30, 0.005


@dataclass(frozen=True)
class Rule:
    """Records are compared when ``key`` (SQL over the fields) is equal and not null."""

    column: str
    words: str
    key: str


_NAMES = "least({0}, {1}) || '|' || greatest({0}, {1})"  # the same for exchanged names
_RULES = (
    ("national_id", "{national_id}"),
    ("email", "{email}"),
    ("phone", "{phone}"),
    ("both names", _NAMES.format("{given_sound}", "{surname_sound}")),
    ("date of birth", "{date_of_birth}"),
    ("surname and day of birth", "{surname_sound} || '|' || substr({date_of_birth}, 5, 4)"),
    ("given name and day of birth", "{given_sound} || '|' || substr({date_of_birth}, 5, 4)"),
    ("surname and year of birth", "{surname_sound} || '|' || substr({date_of_birth}, 1, 4)"),
    ("given name and year of birth", "{given_sound} || '|' || substr({date_of_birth}, 1, 4)"),
    (
        "last name given and postcode",
        "coalesce({surname_sound}, {given_sound}) || '|' || {postcode}",
    ),
    (
        "last name given and date of birth",
        "coalesce({surname_sound}, {given_sound}) || '|' || {date_of_birth}",
    ),
    ("postcode", "{postcode}"),
    ("given name as written and surname", "{given_name} || '|' || substr({surname}, 1, 2)"),
    ("surname as written and given name", "{surname} || '|' || substr({given_name}, 1, 2)"),
    ("surname and postcode", "{surname_sound} || '|' || {postcode}"),
    ("given name and postcode", "{given_sound} || '|' || {postcode}"),
    ("surname and town", "{surname_sound} || '|' || {suburb}"),
    ("given name and town", "{given_sound} || '|' || {suburb}"),
    ("street", "{address_1} || '|' || {street_number}"),
    ("street and town", "{address_1} || '|' || {suburb}"),
    ("second address line", "{address_2}"),
    ("postcode and house", "{postcode} || '|' || {street_number}"),
    ("start of national_id", "substr({national_id}, 1, 5)"),
    ("end of national_id", "substr({national_id}, length({national_id}) - 3)"),
    ("name before the @", "split_part({email}, '@', 1)"),
    ("names and place of birth", "{surname_sound} || '|' || {birth_place}"),
)
# For small sets only: with more records their blocks get too large.
_WIDE = (
    ("surname", "{surname_sound}"),
    ("given name", "{given_sound}"),
    ("day of birth", "substr({date_of_birth}, 5, 4)"),
    ("month of birth", "substr({date_of_birth}, 1, 6)"),
    ("postcode and year of birth", "{postcode} || '|' || substr({date_of_birth}, 1, 4)"),
)


def rules(fields: Collection[str], records: int) -> list[Rule]:
    """The rules that ``fields`` (normalised columns) of so many records allow; each field itself,
    if none does."""
    have = {field: field for field in fields}
    found = []
    for number, (words, template) in enumerate(_RULES + (_WIDE if records <= SMALL_SET else ())):
        try:
            key = template.format_map(have)
        except KeyError:
            continue
        found.append(Rule(f"key_{number}", words, key))
    return found or [Rule(f"key_{field}", field.replace("_", " "), field) for field in fields]


def cap(records: int) -> int:
    """The most records that may share a key, so that pairs grow with the records, not faster."""
    return max(SMALLEST_CAP, min(LARGEST_BLOCK, 2 * PAIRS_PER_RULE // max(records, 1)))


def keyed(table: str, columns: Sequence[str], chosen: list[Rule], largest: int) -> str:
    """SELECT of ``table``'s columns and one per rule, null where more than ``largest`` share it."""
    keys = [f"{rule.key} as {rule.column}" for rule in chosen]
    kept = [_capped(rule.column, largest) for rule in chosen]
    return (
        f"select {', '.join([*columns, *kept])} from (select {', '.join([*columns, *keys])}"
        f" from ({_without_defaults(table, columns)}))"
    )


def _without_defaults(table: str, columns: Sequence[str]) -> str:
    """What identifies one person but stands at very many is a default somebody typed in."""
    most = f"greatest({DEFAULT_ABOVE}, (select count(*) from {table}) * {DEFAULT_SHARE})"
    kept = [_capped(name, most) if name in IDENTIFYING else name for name in columns]
    return f"select {', '.join(kept)} from {table}"


def _capped(column: str, most: int | str) -> str:
    return (
        f"case when count(*) over (partition by {column}) <= {most} then {column} end as {column}"
    )
