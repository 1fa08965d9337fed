"""Who is who, over random histories of evidence that comes, goes and is judged anew.

The models' own compiled SQL runs on tables of ours; after each step the persons must be what the
evidence of that moment makes them, under ids that a plain reference hands out.
"""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from tests.dbt_project.test_connected_components import connected
from tests.dbt_project.warehouse import IDENTITY_KEY, PROJECT, Warehouse, run_dbt

pytestmark = pytest.mark.e2e
START = datetime.fromisoformat("2026-03-01T00:00:00")
TYPES = {
    "shopify:customer": ("email", "phone", "customer_id"),
    "shopify:order": ("email", "customer_id", "order_name", "browser_id"),
    "hubspot:contact": ("email", "phone", "loyalty_card", "order_name"),
    "square:customer": ("phone", "loyalty_card", "card_fingerprint"),
    "square:order": ("card_fingerprint",),
    "ga4:browser": ("browser_id",),
}
MODELS = (
    "records", "order_references", "strong_links", "strong_components", "groups", "weak_links",
    "links", "edges", "components", "faults", "rungs", "bases", "evidence", "guarded_components",
    "clusters", "memberships", "persons", "aliases",
)  # fmt: skip
COMPONENTS = ("strong_components", "components", "rungs", "guarded_components")
NAMES = ("ann", "anna", "bob", None)  # the first two are alike
Partition = set[frozenset[str]]


class Identity:
    """The identity models over observations that a test writes."""

    def __init__(self, home: Path) -> None:
        warehouse = Warehouse(home)
        warehouse.land_nothing()
        # Built once, so that the history compiles as it runs every day.
        select = ("--select", "+int_identity__aliases", "+int_identity__persons")
        warehouse.build(*select, "--exclude-resource-type", "unit_test", "test")
        run_dbt(warehouse, "compile", PROJECT, *select)
        folder = home / "target/compiled/o2o/models/intermediate/identity"
        self.sql = {
            name: (folder / f"int_identity__{name}.sql").read_text().replace('"warehouse".', "")
            for name in MODELS
        }
        self.con = duckdb.connect(config={"threads": 1})
        self.con.execute("set variable o2o_identity_key = ?", [IDENTITY_KEY])
        self.con.execute(f"attach '{warehouse.file}' as built (read_only)")
        for schema in ("seeds", "staging", "restricted", "intermediate"):
            self.con.execute(f"create schema {schema}")
        for table in (
            "seeds.identifier_rules", "seeds.must_links", "seeds.cannot_links",
            "staging.stg_o2o__identity_links", "staging.stg_o2o__company_rows",
            "restricted.int_identity__observations",
            "intermediate.int_identity__memberships", "intermediate.int_identity__names",
        ):  # fmt: skip
            self.con.execute(f"create table {table} as from built.{table}")
        self.con.execute("""
            insert into intermediate.int_identity__names values
            ('given_name', 'ann', [1, 2], [1, 2]), ('given_name', 'anna', [2, 3], [2, 3]),
            ('given_name', 'bob', [4], [4])""")

    def forget(self) -> None:
        """As before the first run."""
        for table in (
            "restricted.int_identity__observations", "intermediate.int_identity__memberships",
            "seeds.must_links", "seeds.cannot_links",
        ):  # fmt: skip
            self.con.execute(f"truncate {table}")
        self.con.execute("create or replace table seeds.identifier_rules as "
                         "from built.seeds.identifier_rules")  # fmt: skip

    def run(self) -> None:
        for name in MODELS:
            table = f"intermediate.int_identity__{name}"
            if name in COMPONENTS:
                edges = self.con.sql(self.sql[name]).fetchall()
                self.con.execute(
                    f"create or replace table {table} (node varchar, component varchar)"
                )
                if labels := [(node, min(part)) for part in connected(edges) for node in part]:
                    self.con.executemany(f"insert into {table} values (?, ?)", labels)
            elif name == "memberships":
                self.con.execute(f"create or replace temp table changes as {self.sql[name]}")
                self.con.execute(f"delete from {table} where membership_id in "
                                 "(select membership_id from changes)")  # fmt: skip
                self.con.execute(f"insert into {table} by name from changes")
            else:
                self.con.execute(f"create or replace table {table} as {self.sql[name]}")

    def sets(self, query: str) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for label, record in self.con.sql(query).fetchall():
            found[label].add(record)
        return {label: frozenset(records) for label, records in found.items()}

    def persons(self) -> dict[str, frozenset[str]]:
        """Customer id to its records."""
        return self.sets("select customer_id, record_key from intermediate.int_identity__persons")

    def clusters(self) -> Partition:
        found = self.sets("select cluster_key, record_key from intermediate.int_identity__clusters")
        return set(found.values())


class World:
    """Few people and fewer identifiers, so that they meet, part and meet again."""

    def __init__(self, identity: Identity, seed: int) -> None:
        self.rng = random.Random(seed)
        self.con = identity.con
        self.day = 0
        self.records: list[str] = []

    def change(self) -> None:
        """One step of history: some evidence more, some less, now and then a decision or a rule."""
        self.day += 1
        for _ in range(self.rng.randrange(1, 6)):
            self.observe()
        if self.rng.random() < 0.5:
            self.withdraw()
        if self.rng.random() < 0.25:
            self.decide(self.rng.choice(["must_links", "cannot_links"]))
        if self.rng.random() < 0.1:
            self.con.execute(
                "update seeds.identifier_rules set maximum_given_names = ? "
                "where identifier_type = ?",
                [self.rng.randrange(1, 4), self.rng.choice(["email", "phone", "card_fingerprint"])],
            )

    def observe(self) -> None:
        record_type = self.rng.choice(list(TYPES))
        connection, kind = record_type.split(":")
        identifiers = TYPES[record_type]
        record = f"{record_type}:{self.rng.randrange(6)}"
        self.records.append(record)
        name = self.rng.choice(NAMES)
        for identifier in self.rng.sample(identifiers, self.rng.randrange(1, len(identifiers) + 1)):
            own = identifier in ("customer_id", "browser_id") and kind != "order"
            value = record[-1] if own else str(self.rng.randrange(4))
            self.con.execute(
                "delete from restricted.int_identity__observations where record_key = ? and "
                "identifier_type = ? and identifier_hash = ?", [record, identifier, value],
            )  # fmt: skip
            self.con.execute(
                """
                insert into restricted.int_identity__observations by name select
                    $record as record_key, $connection as connection,
                    $connection as source_system, $kind as record_kind, $id as record_id,
                    $type as identifier_type, $given_by as id_connection,
                    $value as identifier_value,
                    $value as identifier_hash, $name as given_name_hash, $at as first_observed_at,
                    $at as last_observed_at, $ended as ended_at, true as has_consent""",
                {"record": record, "connection": connection, "kind": kind, "id": record[-1],
                 "type": identifier, "value": value, "name": name,
                 "given_by": "shopify" if identifier in ("customer_id", "order_name") else "",
                 "at": START + timedelta(days=self.day),
                 "ended": self.rng.choice([None, None, START + timedelta(days=self.day + 1)])},
            )  # fmt: skip

    def withdraw(self) -> None:
        if self.rng.random() < 0.5:
            self.con.execute(
                "delete from restricted.int_identity__observations where record_key = ?",
                [self.rng.choice(self.records)],
            )
        else:
            self.con.execute(
                "update restricted.int_identity__observations set blocked_reason = "
                "'consent_withdrawn' where record_key = ?",
                [self.rng.choice(self.records)],
            )

    def decide(self, table: str) -> None:
        ones, others = self.rng.choice(self.records), self.rng.choice(self.records)
        self.con.execute(f"truncate seeds.{table}")
        other = "cannot_links" if table == "must_links" else "must_links"
        decided = self.con.sql(f"select record_key_a, record_key_b from seeds.{other}").fetchall()
        if ones != others and (ones, others) not in decided and (others, ones) not in decided:
            self.con.execute(
                f"insert into seeds.{table} values (?, ?, 'test', 'owner', date '2026-03-01')",
                [ones, others],
            )


def successors(
    now: Partition, last: dict[str, str], age: dict[str, int]
) -> dict[frozenset[str], str | None]:
    """Which id each person of ``now`` goes on under, None: a new one. By the definition: a former
    person goes on where most of its records are, and of several the oldest goes on."""
    heirs: dict[frozenset[str], list[str]] = defaultdict(list)
    for person in set(last.values()):
        pieces = {records: [r for r in records if last.get(r) == person] for records in now}
        pieces = {records: mine for records, mine in pieces.items() if mine}
        if pieces:
            heir = min(pieces, key=lambda records: (-len(pieces[records]), min(pieces[records])))
            heirs[heir].append(person)
    return {records: min(heirs[records], key=lambda p: age[p], default=None) for records in now}


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return Identity(tmp_path_factory.mktemp("identity"))


@pytest.mark.parametrize("seed", range(12))
def test_persons_of_a_random_history(identity: Identity, seed: int) -> None:
    live(identity, seed, steps=6)


@pytest.mark.heavy
@pytest.mark.timeout(7200)
def test_persons_of_a_thousand_random_histories(identity: Identity) -> None:
    for seed in range(1000, 2000):
        live(identity, seed, steps=6)


def live(identity: Identity, seed: int, steps: int) -> None:
    identity.forget()
    world = World(identity, seed)
    last: dict[str, str] = {}  # each record's latest person
    age: dict[str, int] = {}  # the order in which ids appeared
    for step in range(steps):
        world.change()
        identity.run()
        now = identity.persons()
        where = f"seed {seed}, step {step}"
        assert set(now.values()) == identity.clusters(), where
        for records, person in successors(set(now.values()), last, age).items():
            got = next(each for each, its in now.items() if its == records)
            if person is None:
                assert got not in age, f"{where}: an id was given twice"
            else:
                assert age[got] == age[person], where
        for person in sorted(now):
            age.setdefault(person, step)
        last |= {record: person for person, records in now.items() for record in records}
        check_history(identity, now, where)
    count = identity.con.sql("from intermediate.int_identity__memberships").fetchall()
    identity.run()
    again = identity.con.sql("from intermediate.int_identity__memberships").fetchall()
    assert sorted(map(str, again)) == sorted(map(str, count)), "a run without news changed history"


def check_history(identity: Identity, now: dict[str, frozenset[str]], where: str) -> None:
    """Every record is one person at a time, and an old id leads to whoever has its records."""
    rows = identity.con.sql(
        """select record_key, customer_id, opened_run, closed_run, valid_from, valid_to
        from intermediate.int_identity__memberships order by record_key, opened_run"""
    ).fetchall()
    for one, other in pairwise(rows):
        if one[0] == other[0]:
            assert one[3] is not None, where
            assert one[3] <= other[2], where
            assert one[5] <= other[4], where
    assert all(row[5] is None or row[4] <= row[5] for row in rows), where
    aliases = dict(
        identity.con.sql(
            "select customer_id, current_customer_id from intermediate.int_identity__aliases"
        ).fetchall()
    )
    assert aliases.keys() == {row[1] for row in rows}, where
    assert all(aliases[person] == person for person in now), where
    assert {alias for alias in aliases.values() if alias} <= now.keys(), where
