"""Who is who, written down: one line a record, one line an expectation.

    One staff log-in on two store tablets, a guest on each
      from: https://…                          a report that it was taken from
      shop customer staff  name="Max Lehmann" phone="+49 170 1111111"
      2 x web browser t{n}  user=staff
      2 x shop order o{n}   email={name}@tablets.example name="{name} {family}" browser=t{n}
      apart: staff | each o1..2

A title begins at the margin and what belongs to it is indented; `#` begins a comment. A record has
a system, a kind, a label of the scenario's own, and fields (payloads.py says which). Fields that
name another record go by its label, or by any text in quotes: user=staff, user="undefined". The
same record again is its next version: what is left out stays, `email=` empties it. Each line is a
day later than the one before it; `at=2024-05-01` says otherwise.

`12 x` repeats a line, at most 25 times: {n} is 1, 2, …, {name} and {family} a name of each.

    persons: a b | c     each part is one person, and no two of them are the same one
    whole: a b | c d     each part is one person
    apart: a b | c       nobody has records of two parts
    nobody: d            the records are nobody's
    open: a | b          either is right, and `because:` says why nobody can tell
    decided: …           why the product decides otherwise than one might expect
    owners join a b      what the owners have decided, or: owners part a b

`o1..12` is all of o1 to o12, and `each o1..12` makes a part of each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

BEGINNING = datetime.fromisoformat("2026-03-02T10:00:00")
PEOPLE = ("persons", "whole", "apart", "nobody", "open")
TEXTS = ("from", "because", "decided")
NAMES = [
    "Anna", "Bernd", "Carla", "Dario", "Elif", "Frank", "Greta", "Hannes", "Irina", "Jakob",
    "Karin", "Lukas", "Mira", "Nils", "Olga", "Paul", "Ronja", "Stefan", "Tanja", "Ugo", "Vera",
    "Walter", "Xenia", "Yusuf", "Zora",
]  # fmt: skip
FAMILIES = [
    "Adler", "Bergmann", "Christ", "Dörfler", "Eberl", "Fiedler", "Geiger", "Haller", "Ilg",
    "Jahnke", "Kessler", "Lindner", "Merkle", "Neuhaus", "Oswald", "Pfister", "Quint", "Riedel",
    "Stamm", "Thoma", "Unruh", "Vollmer", "Weidner", "Ziegler", "Zumthor",
]  # fmt: skip
_FIELD = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|[^\s"]*)(?:\s+|$)')
_RANGE = re.compile(r"(\D+)(\d+)\.\.(\d+)")


class ScenarioError(Exception):
    """A line that says nothing; the message names it."""


@dataclass(frozen=True)
class Line:
    """One version of one record."""

    kind: str
    label: str
    at: datetime
    fields: dict[str, str]
    quoted: frozenset[str]
    place: str


@dataclass(frozen=True)
class Expectation:
    """What must hold of some records, by label; `parts` are those between the bars."""

    word: str
    parts: tuple[tuple[str, ...], ...]
    place: str

    @property
    def whole(self) -> tuple[tuple[str, ...], ...]:
        return self.parts if self.word in ("persons", "whole") else ()

    @property
    def is_apart(self) -> bool:
        return self.word in ("persons", "apart")


@dataclass
class Scenario:
    """A title with its records and what must come of them."""

    number: int
    title: str
    file: str
    place: str
    lines: list[Line] = field(default_factory=list)
    decisions: list[tuple[str, str, str]] = field(default_factory=list)
    expectations: list[Expectation] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.file}: {self.title}"

    def strangers(self, part: tuple[str, ...]) -> set[str]:
        """Labels that must not be of the person whose records these are."""
        return {
            label
            for expectation in self.expectations
            if expectation.is_apart
            for theirs in expectation.parts
            if not {*theirs} & {*part} and any({*other} & {*part} for other in expectation.parts)
            for label in theirs
        }

    def labels(self) -> set[str]:
        carried = {line.fields["card"] for line in self.lines if line.fields.get("card")}
        return {line.label for line in self.lines} | carried


def read(folder: Path, kinds: dict[str, frozenset[str]]) -> list[Scenario]:
    """All scenarios of a folder; `kinds` are the fields that each kind of record may have."""
    scenarios: list[Scenario] = []
    for file in sorted(folder.glob("*.txt")):
        for scenario in _parse(file.stem, file.read_text(encoding="utf-8"), kinds):
            scenario.number = len(scenarios) + 1
            scenarios.append(scenario)
    return scenarios


def _parse(name: str, text: str, kinds: dict[str, frozenset[str]]) -> list[Scenario]:
    found: list[Scenario] = []
    day = 0
    for number, full in enumerate(text.splitlines(), start=1):
        place = f"{name}.txt:{number}"
        line = full.strip()
        if not line or line.startswith("#"):
            continue
        if not full[0].isspace():
            found.append(Scenario(0, line, name, place))
            day = 0
            continue
        if not found:
            raise ScenarioError(f"{place}: a record before the first title")
        scenario = found[-1]
        if told := re.fullmatch(r"([a-z]+):\s+(.+)", line):
            _expect(scenario, told[1], told[2], place)
        elif told := re.fullmatch(r"owners (join|part) (\S+) (\S+)", line):
            scenario.decisions.append((told[1], told[2], told[3]))
        else:
            for one in _repeated(line):
                scenario.lines.append(_record(one, day, place, kinds))
            day += 1
    for scenario in found:
        _check(scenario)
    return found


def _repeated(line: str) -> Iterator[str]:
    if not (times := re.match(r"(\d+) x ", line)):
        yield line
        return
    for n in range(1, int(times[1]) + 1):
        one = line[times.end() :]
        for word, told in (("n", str(n)), ("name", NAMES[n - 1]), ("family", FAMILIES[n - 1])):
            one = one.replace(f"{{{word}}}", told)
        yield one


def _record(line: str, day: int, place: str, kinds: dict[str, frozenset[str]]) -> Line:
    words = re.match(r"(\w+ \w+)\s+([\w-]+)(?:\s+|$)", line)
    if not words or words[1] not in kinds:
        raise ScenarioError(f"{place}: is no record, expectation or title: {line}")
    fields, quoted, position = {}, set(), words.end()
    while position < len(line):
        if not (told := _FIELD.match(line, position)):
            raise ScenarioError(f"{place}: is no field: {line[position:]}")
        if told[1] not in kinds[words[1]] | {"at"}:
            raise ScenarioError(f"{place}: {words[1]} has no field {told[1]}")
        is_quoted = told[2].startswith('"')
        fields[told[1]] = json.loads(told[2]) if is_quoted else told[2]
        quoted |= {told[1]} if is_quoted else set()
        position = told.end()
    said = fields.pop("at", None)
    try:
        at = datetime.fromisoformat(said) if said else BEGINNING + timedelta(days=day)
    except ValueError:
        raise ScenarioError(f"{place}: is not a valid time: {said}") from None
    return Line(words[1], words[2], at, fields, frozenset(quoted), place)


def _expect(scenario: Scenario, word: str, rest: str, place: str) -> None:
    if word in TEXTS:
        scenario.texts.setdefault(word, []).append(rest)
        return
    if word not in PEOPLE:
        raise ScenarioError(f"{place}: unknown word: {word}")
    parts: list[tuple[str, ...]] = []
    for part in rest.split("|"):
        words = part.split()
        is_each = words[:1] == ["each"]
        labels = [label for one in words[is_each:] for label in _ranged(one)]
        parts += [(label,) for label in labels] if is_each else [tuple(labels)]
    scenario.expectations.append(Expectation(word, tuple(parts), place))


def _ranged(word: str) -> list[str]:
    if told := _RANGE.fullmatch(word):
        return [f"{told[1]}{n}" for n in range(int(told[2]), int(told[3]) + 1)]
    return [word]


def _check(scenario: Scenario) -> None:
    """A scenario that expects something, of records that it has."""
    where, labels = scenario.place, scenario.labels()
    if not scenario.expectations:
        raise ScenarioError(f"{where}: expects nothing")
    kinds: dict[str, str] = {}
    for line in scenario.lines:
        if kinds.setdefault(line.label, line.kind) != line.kind:
            raise ScenarioError(f"{line.place}: {line.label} is a {kinds[line.label]} already")
    for expectation in scenario.expectations:
        named = [label for part in expectation.parts for label in part]
        for label in named:
            if label not in labels:
                raise ScenarioError(f"{expectation.place}: there is no record {label}")
        if len(named) != len(set(named)) or not all(expectation.parts):
            raise ScenarioError(f"{expectation.place}: names a record twice, or none")
        if expectation.word == "apart" and len(expectation.parts) < 2:
            raise ScenarioError(f"{expectation.place}: apart from whom?")
        if expectation.word == "open" and "because" not in scenario.texts:
            raise ScenarioError(f"{expectation.place}: open, but `because:` does not say why")
