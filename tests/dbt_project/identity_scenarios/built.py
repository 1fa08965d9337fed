"""Every scenario in one landing zone and one build, and what came of each."""

from __future__ import annotations

import shutil
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import duckdb

from o2o.people.erasure.plan import Plan, make
from o2o.people.lookup import Identity
from tests.dbt_project.identity_scenarios import language, payloads
from tests.dbt_project.identity_scenarios.language import FAMILIES, NAMES, Expectation, Scenario
from tests.dbt_project.warehouse import IDENTITY_KEY, Warehouse
from warehouse.engines.duckdb import DuckDBWarehouse
from warehouse.landing.zone import Landing

HERE = Path(__file__).parent
# Ordinary customers, so that what the scenarios are about is as rare as it is in life.
CROWD = 300
PROFILES = ("shop customer", "till customer", "till account", "crm contact")
SELECT = ("--select", "+int_identity__persons", "--exclude-resource-type", "unit_test", "test")


@dataclass(frozen=True)
class Link:
    """An identifier that a record carries, and what became of it."""

    record: str
    node: str  # what meets here is one person
    shown: str
    blocked_reason: str | None


def scenarios() -> list[Scenario]:
    return language.read(HERE, payloads.KINDS)


def crowd(number: int) -> Scenario:
    """Customers of a name, a phone and a card of their own, who buy twice."""
    scenario = Scenario(number, "Ordinary customers", "crowd", "crowd")
    at = language.BEGINNING
    for n in range(1, CROWD + 1):
        name = f"{NAMES[n % 25]} {FAMILIES[n // 25]}"
        told = {"name": name, "email": f"customer{n}@crowd.example", "phone": f"+49 152 33{n:06d}"}
        scenario.lines += [
            language.Line("till customer", f"c{n}", at, told, frozenset(), ""),
            *(
                language.Line("till order", f"o{n}-{sale}", at + timedelta(days=sale), {
                    "customer": f"c{n}", "card": f"v{n}"}, frozenset(), "")
                for sale in (1, 2)
            ),
        ]  # fmt: skip
        part = (f"c{n}", f"o{n}-1", f"o{n}-2", f"v{n}")
        scenario.expectations.append(Expectation("whole", (part,), "crowd"))
    return scenario


class _Identity(Identity):
    """The same, which asks once where a table is: an erasure does so a hundred times."""

    _places: ClassVar[dict[str, str]] = {}

    def place(self, table: str) -> str:
        if table not in self._places:
            self._places[table] = super().place(table)
        return self._places[table]


class Built:
    """The warehouse of some scenarios, once it is built."""

    def __init__(self, home: Path, chosen: Iterable[Scenario], *, is_in_two: bool = False) -> None:
        """`is_in_two`: a build when the records' first versions have landed, and one after all."""
        self.scenarios = list(chosen)
        self.world = payloads.World()
        last = max(scenario.number for scenario in self.scenarios)
        self.crowd = crowd(last + 1)
        for scenario in (*self.scenarios, self.crowd):
            self.world.add(scenario)
        self.warehouse = Warehouse(home)
        self.warehouse.file.unlink(missing_ok=True)
        for former in (self.warehouse.landing, home / "alone"):
            shutil.rmtree(former, ignore_errors=True)
        self.world.land(self.warehouse)
        if is_in_two:
            self.world.land_rows(self.warehouse, before=1)
            self.warehouse.build(*SELECT)
        self.world.land_rows(self.warehouse, since=int(is_in_two))
        self.warehouse.build(*SELECT)
        self.keys = {owner: key for key, owner in self.world.records.items()}

    def _rows(self, query: str) -> list[Any]:
        with duckdb.connect(str(self.warehouse.file), read_only=True) as con:
            return con.sql(query).fetchall()

    @cached_property
    def persons(self) -> dict[str, str]:
        """Record to person."""
        query = "select record_key, customer_id from intermediate.int_identity__persons"
        return dict(self._rows(query))

    @cached_property
    def members(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for record, person in self.persons.items():
            found[person].add(record)
        return found

    def people(self, scenario: Scenario) -> set[frozenset[str]]:
        """The scenario's records that are somebody's, by person."""
        found: dict[str, set[str]] = defaultdict(set)
        for record, person in self.persons.items():
            number, label = self.world.records.get(record, (0, record))
            if number == scenario.number:
                found[person].add(label)
        return {frozenset(labels) for labels in found.values()}

    @cached_property
    def links(self) -> dict[str, list[Link]]:
        """The links of each record."""
        found: dict[str, list[Link]] = defaultdict(list)
        for record, node, shown, reason in self._rows(
            """select distinct record_key, link_key,
                concat(identifier_type, ' ', identifier_value), evidence.blocked_reason
            from intermediate.int_identity__evidence as evidence
            left join restricted.int_identity__observations
                using (record_key, identifier_type, identifier_hash)
            order by all"""
        ):
            found[record].append(Link(record, node, shown, reason))
        return found

    @cached_property
    def carriers(self) -> dict[str, list[str]]:
        """The records that a usable link leads to."""
        found: dict[str, list[str]] = defaultdict(list)
        for record, links in self.links.items():
            for link in links:
                if link.blocked_reason is None:
                    found[link.node].append(record)
        return found

    def faults(self, scenario: Scenario) -> list[str]:
        """What is not as the scenario wants it, and what tied or cut the records."""
        return [
            line
            for expectation in scenario.expectations
            for line in self._faults(scenario, expectation)
        ]

    def _faults(self, scenario: Scenario, expectation: Expectation) -> Iterator[str]:
        def key(label: str) -> str:
            return self.keys[scenario.number, label]

        def person(label: str) -> str | None:
            return self.persons.get(key(label))

        for part in expectation.whole:
            pieces: dict[str, list[str]] = defaultdict(list)
            for label in part:
                pieces[person(label) or f"nobody's {label}"].append(label)
            if len(pieces) > 1 or person(part[0]) is None:
                shown = [
                    ", ".join(labels) + ("" if one in self.members else " (nobody's)")
                    for one, labels in pieces.items()
                ]
                yield f"should be one person: {' | '.join(shown)}"
                yield from (self._cut(key(labels[0])) for labels in pieces.values())
        for labels in self._merged(expectation, person):
            yield f"one person, and should not be: {', '.join(labels)}"
            yield self._tie(key(labels[0]), key(labels[1]))
        if expectation.word == "nobody":
            for label in (label for part in expectation.parts for label in part):
                if (found := person(label)) is not None:
                    others = sorted(map(self.called, self.members[found] - {key(label)}))
                    yield f"should be nobody's: {label}, is with {', '.join(others) or 'nobody'}"
                    yield self._cut(key(label))

    @staticmethod
    def _merged(
        expectation: Expectation, person: Callable[[str], str | None]
    ) -> Iterator[list[str]]:
        """Labels of two parts and more that one person has, one of each part."""
        if not expectation.is_apart:
            return
        found: dict[str, list[str]] = defaultdict(list)
        for part in expectation.parts:
            for one in {person(label): label for label in reversed(part)}.items():
                if one[0]:
                    found[one[0]].append(one[1])
        yield from (labels for labels in found.values() if len(labels) > 1)

    @cached_property
    def erasures(self) -> dict[int, list[str]]:
        """By scenario, what an erasure of each of its people would list that is not theirs, or
        leave out."""
        with DuckDBWarehouse(self.warehouse.file).reading() as reader:
            identity = _Identity(reader, IDENTITY_KEY)
            return {one.number: list(self._erasures(one, identity)) for one in self.scenarios}

    def _erasures(self, scenario: Scenario, identity: Identity) -> Iterator[str]:
        landing = self._landing_of(scenario)
        for part in (part for one in scenario.expectations for part in one.whole):
            person = self.persons.get(self.keys[scenario.number, part[0]], "")
            plan = Plan(id="", begun_at="", records=identity.records_of(person))
            make(plan, identity, landing)
            listed = {self.world.records.get(record, (0, record)) for record in plan.records}
            theirs = {(scenario.number, label) for label in part}
            strangers = scenario.strangers(part)
            foreign = {
                (number, label)
                for number, label in listed
                if number != scenario.number or label in strangers
            }
            values = {value for values in plan.theirs.values() for value in values}
            shared = values & _said_by(scenario, strangers)
            for said, found in (
                ("leaves out", theirs - listed), ("lists", foreign),
                ("takes as theirs alone", {(0, value) for value in shared}),
            ):  # fmt: skip
                if found:
                    shown = ", ".join(sorted(label for _, label in found))
                    yield f"an erasure of {part[0]} {said}: {shown}"

    def _landing_of(self, scenario: Scenario) -> Landing:
        """The scenario's rows alone: a search through those of all others takes ten times as long,
        and they share nothing."""
        world = payloads.World()
        world.add(scenario)
        alone = Warehouse(self.warehouse.home / "alone" / str(scenario.number))
        world.land_rows(alone)
        return Landing(str(alone.landing))

    def called(self, record: str) -> str:
        """A record by its label, with the scenario's number where it is another's."""
        number, label = self.world.records.get(record, (0, record))
        return label if number else record

    def _cut(self, record: str) -> str:
        """All that a record carries, and why it ties nobody."""
        carried = [
            f"{link.shown} ({link.blocked_reason or 'ties'})" for link in self.links.get(record, ())
        ]
        return f"    {self.called(record)} carries {', '.join(carried) or 'nothing'}"

    def _tie(self, one: str, other: str) -> str:
        """The shortest way from one record to the other."""
        came: dict[str, tuple[str, Link]] = {}
        waiting = deque([one])
        while waiting and other not in came:
            record = waiting.popleft()
            for link in self.links.get(record, ()):
                if link.blocked_reason is None:
                    for following in self.carriers[link.node]:
                        if following not in came and following != one:
                            came[following] = (record, link)
                            waiting.append(following)
        steps = [self.called(other)]
        while other in came:
            other, link = came[other]
            steps = [self.called(other), f"-({link.shown})-", *steps]
        return "    " + (" ".join(steps) if len(steps) > 1 else "no usable link leads there")

    def spanning(self) -> list[str]:
        """Persons with records of two scenarios."""
        return [
            " and ".join(sorted(f"{one} of {numbers}" for one in map(self.called, records)))
            for records in self.members.values()
            if len(numbers := {self.world.records.get(one, (0, ""))[0] for one in records}) > 1
        ]


def _said_by(scenario: Scenario, labels: set[str]) -> set[str]:
    """What the profiles of these records say now: on a sale may stand what is another's."""
    told: dict[str, dict[str, str]] = defaultdict(dict)
    for line in scenario.lines:
        if line.label in labels and line.kind in PROFILES:
            told[line.label] |= line.fields
    return {value for fields in told.values() for value in fields.values() if value}
