"""Which pairs are compared at all: those that share something rare.

A record is taken apart into tokens: the sound of a name, a year of birth, a postcode. Records that
share a token are compared, if no more than ``LARGEST`` do. A token that more share is joined with
the record's other wide tokens, two and then three at a time, until few enough share them. So the
pairs grow with the records and not with their square, and nothing is given up because a surname
is frequent.
"""

# The SQL is put together from this package's own constants.
# ruff: noqa: S608
from __future__ import annotations

from collections.abc import Collection, Sequence

from analytics.linkage.backend import Backend

LARGEST = 30
TOGETHER = 3  # tokens that are joined at most
IDENTIFYING = ("date_of_birth", "national_id", "email", "phone")
DEFAULT_ABOVE, DEFAULT_SHARE = 30, 0.005

# Kind → SQL. Given name and surname are one kind: exchanged names have the same tokens.
_TOKENS = (
    ("name", "{given_sound}"),
    ("name", "{surname_sound}"),
    ("year", "substr({date_of_birth}, 1, 4)"),
    ("month", "substr({date_of_birth}, 1, 6)"),
    ("day", "substr({date_of_birth}, 5, 4)"),
    ("postcode", "{postcode}"),
    ("town", "{suburb}"),
    ("street", "{address_1}"),
    ("unit", "{address_2}"),
    ("house", "{street_number}"),
    ("birth place", "{birth_place}"),
    ("occupation", "{occupation}"),
    ("start of number", "substr({national_id}, 1, 4)"),
    ("end of number", "substr({national_id}, greatest(1, length({national_id}) - 3))"),
    ("mailbox", "split_part({email}, '@', 1)"),
    ("phone", "{phone}"),
)
_KEYS, _SIZED, _WIDE = "o2o_keys", "o2o_sized", "o2o_wide"


def without_defaults(table: str, columns: Sequence[str]) -> str:
    """SELECT of ``columns``. What identifies one person but stands at very many is a default that
    somebody typed in: null."""
    most = f"greatest({DEFAULT_ABOVE}, (select count(*) from {table}) * {DEFAULT_SHARE})"
    kept = [
        f"case when count(*) over (partition by {name}) <= {most} then {name} end as {name}"
        if name in IDENTIFYING
        else name
        for name in columns
    ]
    return f"select {', '.join(kept)} from {table}"


def pairs(backend: Backend, table: str, fields: Collection[str], into: str, across: str) -> None:
    """Make the table ``into`` of pairs (``unique_id_l`` < ``unique_id_r``) of ``table``'s records;
    ``across`` is a further condition on the two records l and r."""
    tokens = " union ".join(
        f"select unique_id, source_dataset, '{kind}=' || {sql} as token from {table}"
        for kind, sql in _tokens(fields)
    )
    backend.create(
        _KEYS,
        "select unique_id, source_dataset, token as key, token as latest"
        f" from ({tokens}) where token is not null",
    )
    found = []
    for joined in range(1, TOGETHER + 1):
        sized = f"{_SIZED}_{joined}"
        backend.create(sized, f"select *, count(*) over (partition by key) as records from {_KEYS}")
        found.append(
            "select l.unique_id as unique_id_l, r.unique_id as unique_id_r"
            f" from {sized} l join {sized} r on l.key = r.key and l.unique_id < r.unique_id"
            f" where l.records <= {LARGEST}{across}"
        )
        wide = f"{sized} where records > {LARGEST}"
        if joined == 1:
            backend.create(_WIDE, f"select unique_id, latest as token from {wide}")
        backend.create(
            _KEYS,
            "select k.unique_id, k.source_dataset, k.key || '&' || w.token as key,"
            f" w.token as latest from (select * from {wide}) k join {_WIDE} w"
            " on k.unique_id = w.unique_id and w.token > k.latest",
        )
    backend.create(into, " union ".join(found))


def _tokens(fields: Collection[str]) -> list[tuple[str, str]]:
    """The tokens that ``fields`` (normalised columns) allow; the fields as they are, if none."""
    have = {field: field for field in fields}
    found = []
    for kind, template in _TOKENS:
        try:
            found.append((kind, template.format_map(have)))
        except KeyError:
            continue
    return found or [(field, field) for field in fields]
