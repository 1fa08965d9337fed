"""How two records are compared: per field, the levels from equal to different.

The conditions are SQL that DuckDB and Spark both read. ``prior`` is the share of true pairs
expected at a level: where fitting starts, and what is kept where the data say nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

_BOTH_WAYS = (("l", "r"), ("r", "l"))


@dataclass(frozen=True)
class Level:
    """One degree of agreement, in words and in SQL; ``rare`` makes rare values count more, and
    ``most`` is the share among true pairs that is believed at most, whatever the data seem to say:
    where numbers of several kinds stand in one column, different ones are still no agreement."""

    words: str
    condition: str
    prior: float
    rare: bool = False
    most: float = 1.0


@dataclass(frozen=True)
class Comparison:
    """A field's levels, first that holds counts; where ``ignore`` holds, the field says nothing.
    ``shared``: the more people hold a value, the less it says that it is equal."""

    field: str
    ignore: str
    levels: tuple[Level, ...]
    shared: bool = False

    def level(self, number: int) -> Level:
        """The level of a number as pairs have it: the last one is 0."""
        return self.levels[len(self.levels) - 1 - number]


def comparisons(fields: Collection[str]) -> list[Comparison]:
    """The comparisons that ``fields`` allow, in a fixed order."""
    have = set(fields)
    if together := address_parts(have):
        have = have - set(together) - {"state"} | {"address"}
    return [make(set(fields)) for field, make in _COMPARISONS.items() if field in have]


def _edits(left: str, right: str, most: int) -> str:
    """At most ``most`` typing errors apart; what is cheap to rule out is ruled out first."""
    return (
        f"case when least(length({left}), length({right})) < {3 * most - 1} then false"
        f" when abs(length({left}) - length({right})) > {most} then false"
        f" when levenshtein({left}, {right}) > {2 * most} then false"
        f" else damerau_levenshtein({left}, {right}) <= {most} end"
    )


def _alike(left: str, right: str, jaro_winkler: float, edits: int) -> str:
    return (
        f"case when jaro_winkler_similarity({left}, {right}) >= {jaro_winkler} then true"
        f" else {_edits(left, right, edits)} end"
    )


def _like(field: str, jaro_winkler: float, edits: int) -> str:
    return _alike(f"{field}_l", f"{field}_r", jaro_winkler, edits)


def _given_like(jaro_winkler: float, edits: int) -> str:
    """Two usual given names are never each other's slip: Tim and Tom, Paul and Paula are two."""
    return (
        "case when given_usual_l = 'yes' and given_usual_r = 'yes' then false"
        f" else {_like('given_name', jaro_winkler, edits)} end"
    )


def _missing(field: str) -> str:
    return f"({field}_l is null or {field}_r is null)"


def _equal(field: str, prior: float, rare: bool = False) -> Level:
    return Level("equal", f"{field}_l = {field}_r", prior, rare)


def _crossed(one: str, other: str) -> str:
    """The two fields changed places in one of the records; typing errors may have come on top."""
    return (
        f"case when {one}_l = {one}_r or {other}_l = {other}_r then false"
        f" when {_alike(f'{one}_l', f'{other}_r', 0.9, 1)}"
        f" then {_alike(f'{other}_l', f'{one}_r', 0.9, 1)} else false end"
    )


def _different(prior: float, most: float = 1.0) -> Level:
    return Level("different", "ELSE", prior, most=most)


def _given_name(fields: set[str]) -> Comparison:
    crossed = Level("exchanged with surname", _crossed("given_name", "surname"), 0.03)
    alone = " or ".join(
        f"(surname_{a} is null and given_name_{a} = surname_{b})" for a, b in _BOTH_WAYS
    )
    misplaced = Level("stands as the surname", f"({alone})", 0.01)
    initial = " or ".join(
        f"(length(given_name_{a}) = 1 and substr(given_name_{b}, 1, 1) = given_name_{a})"
        for a, b in _BOTH_WAYS
    )
    return Comparison(
        "given_name",
        _missing("given_name"),
        (
            _equal("given_name", 0.75, rare=True),
            *([crossed, misplaced] if "surname" in fields else []),
            Level("nickname or initial", f"(given_formal_l = given_formal_r or {initial})", 0.03),
            Level("similar", _given_like(0.92, 1), 0.1),
            Level("somewhat similar", _given_like(0.82, 2), 0.05),
            _different(0.04),
        ),
    )


def _surname(fields: set[str]) -> Comparison:
    ignore = _missing("surname")
    if "given_name" in fields:  # counted once, with the given name
        ignore = f"({ignore} or {_crossed('given_name', 'surname')})"
    return Comparison(
        "surname",
        ignore,
        (
            _equal("surname", 0.78, rare=True),
            Level("similar", _like("surname", 0.92, 1), 0.12),
            Level("somewhat similar", _like("surname", 0.82, 2), 0.05),
            _different(0.05),
        ),
    )


def _date_of_birth(_: set[str]) -> Comparison:
    field = "date_of_birth"
    turned = (
        f"{field}_l = substr({field}_r, 1, 4) || substr({field}_r, 7, 2) || substr({field}_r, 5, 2)"
    )
    return Comparison(
        field,
        _missing(field),
        (
            _equal(field, 0.86),
            Level(
                "one digit or the order differs",
                f"case when {turned} then true else {_edits(f'{field}_l', f'{field}_r', 1)} end",
                0.08,
            ),
            Level("two digits differ", _edits(f"{field}_l", f"{field}_r", 2), 0.02),
            Level(
                "same year, or same day and month",
                f"(substr({field}_l, 1, 4) = substr({field}_r, 1, 4)"
                f" or substr({field}_l, 5, 4) = substr({field}_r, 5, 4))",
                0.02,
            ),
            _different(0.02),
        ),
    )


def _code(
    field: str, equal: float, *, rare: bool = False, shared: bool = False, different: float = 1.0
) -> Comparison:
    return Comparison(
        field,
        _missing(field),
        (
            _equal(field, equal, rare),
            Level(
                "one character differs",
                _edits(f"{field}_l", f"{field}_r", 1),
                (1 - equal) * 0.5,
            ),
            Level(
                "two characters differ",
                _edits(f"{field}_l", f"{field}_r", 2),
                (1 - equal) * 0.2,
            ),
            _different(min((1 - equal) * 0.3, different), different),
        ),
        shared,
    )


def _short(field: str, equal: float) -> Comparison:
    similar = _edits(f"{field}_l", f"{field}_r", 1)
    return Comparison(
        field,
        _missing(field),
        (
            _equal(field, equal, rare=True),
            Level("one character differs", similar, (1 - equal) * 0.4),
            _different((1 - equal) * 0.6),
        ),
    )


def _text(field: str, equal: float) -> Comparison:
    return Comparison(
        field,
        _missing(field),
        (
            _equal(field, equal, rare=True),
            Level("similar", _like(field, 0.92, 2), (1 - equal) * 0.4),
            Level("somewhat similar", _like(field, 0.8, 3), (1 - equal) * 0.2),
            _different((1 - equal) * 0.4),
        ),
    )


# The parts of an address: what it counts when equal, and from which similarity on it counts half.
_ADDRESS = {
    "address_1": (3.0, "jaro_winkler_similarity({l}, {r}) >= 0.88"),
    "address_2": (1.5, "jaro_winkler_similarity({l}, {r}) >= 0.88"),
    "street_number": (1.5, "levenshtein({l}, {r}) <= 1"),
    "suburb": (2.0, "jaro_winkler_similarity({l}, {r}) >= 0.88"),
    "postcode": (2.0, "levenshtein({l}, {r}) <= 1"),
}


def address_parts(fields: Collection[str]) -> list[str]:
    """The fields compared together as one address: whoever shares a street shares the town."""
    parts = [field for field in _ADDRESS if field in fields]
    return parts if len(parts) > 1 else []


def _address(fields: set[str]) -> Comparison:
    """One comparison of the whole address.

    Part by part, the same home would count five times, and so would a move. Each part adds its
    points when it agrees, half of them when it nearly does, and takes them away when it does not.
    """
    parts = address_parts(fields)
    points = []
    for part in parts:
        worth, near = _ADDRESS[part]
        left, right = f"{part}_l", f"{part}_r"
        nearly = near.format(l=left, r=right)
        if part in ("address_1", "address_2") and {"address_1", "address_2"} <= fields:
            other = "address_2" if part == "address_1" else "address_1"
            nearly += (
                f" or jaro_winkler_similarity({left}, {other}_r) >= 0.88"
                f" or jaro_winkler_similarity({other}_l, {right}) >= 0.88"
            )
        points.append(
            f"case when {left} is null or {right} is null then 0.0 when {left} = {right}"
            f" then {worth} when {nearly} then {worth * 0.6} else -{worth} end"
        )
    score = f"({' + '.join(points)})"
    most = sum(_ADDRESS[part][0] for part in parts)
    nothing = " and ".join(_missing(part) for part in parts)
    return Comparison(
        "address",
        f"({nothing})",
        (
            Level("the same", f"{score} >= {0.85 * most}", 0.5),
            Level("nearly the same", f"{score} >= {0.6 * most}", 0.2),
            Level("mostly the same", f"{score} >= {0.3 * most}", 0.12),
            Level("partly the same", f"{score} >= 0.0", 0.06),
            Level("mostly different", f"{score} >= {-0.5 * most}", 0.04),
            _different(0.08),
        ),
    )


def _email(_: set[str]) -> Comparison:
    local = "split_part(email_l, '@', 1) = split_part(email_r, '@', 1)"
    return Comparison(
        "email",
        _missing("email"),
        (
            _equal("email", 0.75),
            Level("same before the @", local, 0.05),
            Level("similar", _like("email", 0.95, 2), 0.1),
            _different(0.1),
        ),
        shared=True,
    )


def _generation(_: set[str]) -> Comparison:
    """Jr and Sr, II and III: father and son."""
    field = "generation"
    return Comparison(field, _missing(field), (_equal(field, 0.98), _different(0.02, 0.02)))


def _category(field: str, equal: float) -> Comparison:
    return Comparison(
        field, _missing(field), (_equal(field, equal, rare=True), _different(1 - equal))
    )


_COMPARISONS: dict[str, Callable[[set[str]], Comparison]] = {
    "given_name": _given_name,
    "surname": _surname,
    "date_of_birth": _date_of_birth,
    "national_id": lambda _: _code("national_id", 0.88, shared=True, different=0.01),
    "email": _email,
    "phone": lambda _: _code("phone", 0.75, shared=True),
    "street_number": lambda _: _short("street_number", 0.85),
    "address": _address,
    "address_1": lambda _: _text("address_1", 0.75),
    "address_2": lambda _: _text("address_2", 0.7),
    "suburb": lambda _: _text("suburb", 0.8),
    "postcode": lambda _: _code("postcode", 0.85, rare=True),
    "state": lambda _: _short("state", 0.9),
    "country": lambda _: _category("country", 0.98),
    "generation": _generation,
    "gender": lambda _: _category("gender", 0.97),
    "birth_place": lambda _: _text("birth_place", 0.8),
    "occupation": lambda _: _text("occupation", 0.8),
}
