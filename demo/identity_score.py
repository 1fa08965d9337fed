"""How right identity is: are the records put together that belong to one person, and only those.

The truth has no opinion on rules: it knows whose record each one is. Its ceiling is what the shared
evidence allows, were every identifier known to be this or that person's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import duckdb

from demo.served import ScoreError, served

# Where the warehouse keeps its observations (personal data, hashed).
OBSERVATIONS_SCHEMA = "restricted"
OBSERVATIONS = f"{OBSERVATIONS_SCHEMA}.int_identity__observations"
PERSONS = "intermediate.int_identity__persons"
HOUSEHOLDS = "intermediate.int_identity__households"
# Records that are one person's alone: an account, a contact, a profile at the till.
OWN_KINDS = ("customer", "contact", "lead")


@dataclass(frozen=True)
class Clustering:
    """Pairwise agreement over records: of the pairs put together (or that belong together)."""

    precision: float
    recall: float
    biggest: int  # records in the biggest cluster

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0 where both are."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True)
class OverMerges:
    """Clusters that hold records of several persons.

    ``strangers``: by record type, their records of other persons than the one with most of them.
    """

    clusters: int
    strangers: dict[str, int]


@dataclass(frozen=True)
class Mixed:
    """Clusters that hold what two people hold of their own: accounts, contacts, profiles.

    ``of``: clusters that hold any such record.
    """

    clusters: int
    of: int

    @property
    def per_10_000(self) -> float:
        return 10_000 * self.clusters / self.of if self.of else 0.0


@dataclass(frozen=True)
class IdentityScore:
    """``ceiling``: what any method could reach, had it only known each identifier's true owners.

    ``sources``: recall of ``reached`` and of ``ceiling`` over pairs that a source takes part in.
    ``households``: over pairs of persons; None where the warehouse has no households.
    """

    records: int
    reached: Clustering
    mixed: Mixed
    ceiling: Clustering
    over_merges: OverMerges
    sources: dict[str, tuple[float, float]]
    households: Clustering | None

    @property
    def recall_of_ceiling(self) -> float:
        return self.reached.recall / self.ceiling.recall if self.ceiling.recall else 1.0

    @property
    def f1_of_ceiling(self) -> float:
        return self.reached.f1 / self.ceiling.f1 if self.ceiling.f1 else 1.0


@dataclass(frozen=True)
class _Record:
    """A record that carries an identifier and has an owner."""

    source: str
    kind: str
    cluster: str
    person: int
    group: str  # what an identifier split by true owner would put it into


def score_identity(connection: duckdb.DuckDBPyConnection) -> IdentityScore:
    """Over all records that carry an identifier and have an owner.

    ``connection`` has both files attached, as ``warehouse`` and ``truth``. A record that the
    warehouse left alone counts as a cluster of its own.
    """
    records = _records(connection)
    people = [record.person for record in records]
    clusters = [record.cluster for record in records]
    groups = [record.group for record in records]
    return IdentityScore(
        records=len(records),
        reached=compare_clusters(clusters, people),
        mixed=_mixed(records),
        ceiling=compare_clusters(groups, people),
        over_merges=_over_merges(records),
        sources={
            source: (
                _recall_with(source, records, clusters),
                _recall_with(source, records, groups),
            )
            for source in sorted({record.source for record in records})
        },
        households=_households(connection, records),
    )


def _records(connection: duckdb.DuckDBPyConnection) -> list[_Record]:
    group = shared_evidence(connection)
    rows = connection.execute(
        f"""
        WITH seen AS (
            SELECT DISTINCT record_key, source_system, record_kind, record_id
            FROM warehouse.{OBSERVATIONS}
        )
        SELECT
            source_system,
            record_kind,
            seen.record_key,
            coalesce(persons.customer_id, seen.record_key),
            owners.person_id
        FROM seen
        INNER JOIN owners USING (source_system, record_kind, record_id)
        LEFT JOIN warehouse.{PERSONS} AS persons
            ON seen.record_key = persons.record_key
        ORDER BY 3
        """  # noqa: S608 – constants of this module
    ).fetchall()
    return [
        _Record(source, kind, cluster, person, group[key])
        for source, kind, key, cluster, person in rows
    ]


def shared_evidence(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The most that anybody could tell: each record that carries an identifier, and what it would
    be put into, were each identifier known to be this or that person's.

    Leaves the table ``owners``: the records of the truth that have one.
    """
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE owners AS FROM {served("truth.identifiers", "system")}
        """
    )
    _check_known(connection)
    connection.execute("DELETE FROM owners WHERE person_id IS NULL")
    # An identifier split by true owner joins exactly those records that may be joined.
    return components(
        connection.execute(
            f"""
            SELECT
                seen.record_key,
                seen.identifier_type || ':' || seen.identifier_hash || ':' || owners.person_id
            FROM warehouse.{OBSERVATIONS} AS seen
            INNER JOIN owners USING (source_system, record_kind, record_id)
            """  # noqa: S608 – constants of this module
        ).fetchall()
    )


def _check_known(connection: duckdb.DuckDBPyConnection) -> None:
    """A score over fewer records looks no worse: refuse it where a whole kind is not known."""
    unknown = connection.execute(
        f"""
        SELECT DISTINCT source_system, record_kind FROM warehouse.{OBSERVATIONS}
        EXCEPT
        SELECT source_system, record_kind FROM warehouse.{OBSERVATIONS}
        SEMI JOIN owners USING (source_system, record_kind, record_id)
        """  # noqa: S608 – constants of this module
    ).fetchall()
    if unknown:
        told = ", ".join(f"{kind} of {source}" for source, kind in sorted(unknown))
        raise ScoreError(
            f"the truth knows none of these records: {told}."
            " Have the simulated vendor declare in its `records` what they are in the world."
        )


def compare_clusters(found: Sequence[Hashable], true: Sequence[Hashable]) -> Clustering:
    """Pairwise precision and recall of two labellings of the same records."""
    right = _pairs(zip(found, true, strict=True))
    joined, belonging = _pairs(found), _pairs(true)
    return Clustering(
        precision=right / joined if joined else 1.0,
        recall=right / belonging if belonging else 1.0,
        biggest=max(Counter(found).values(), default=0),
    )


def _recall_with(source: str, records: Sequence[_Record], found: Sequence[str]) -> float:
    """Of the pairs that belong together and have a record of ``source``, the share found."""
    together = list(zip(found, (record.person for record in records), strict=True))
    others = [
        pair for pair, record in zip(together, records, strict=True) if record.source != source
    ]
    right = _pairs(together) - _pairs(others)
    belonging = _pairs(person for _, person in together) - _pairs(person for _, person in others)
    return right / belonging if belonging else 1.0


def _pairs(labels: Iterable[Hashable]) -> int:
    """How many pairs have the same label."""
    return sum(n * (n - 1) // 2 for n in Counter(labels).values())


def _over_merges(records: Sequence[_Record]) -> OverMerges:
    owners: dict[str, Counter[int]] = {}
    for record in records:
        owners.setdefault(record.cluster, Counter())[record.person] += 1
    merged = {c: found.most_common(1)[0][0] for c, found in owners.items() if len(found) > 1}
    strangers = Counter(
        record.kind
        for record in records
        if record.cluster in merged and record.person != merged[record.cluster]
    )
    return OverMerges(len(merged), dict(strangers.most_common()))


def _mixed(records: Sequence[_Record]) -> Mixed:
    owners: dict[str, set[int]] = {}
    for record in records:
        if record.kind in OWN_KINDS:
            owners.setdefault(record.cluster, set()).add(record.person)
    return Mixed(sum(len(people) > 1 for people in owners.values()), len(owners))


def _households(
    connection: duckdb.DuckDBPyConnection, records: Sequence[_Record]
) -> Clustering | None:
    """Each person stands where most of their records are: at that customer's household."""
    schema, table = HOUSEHOLDS.split(".")
    built = connection.execute(
        """
        SELECT count(*) FROM duckdb_tables()
        WHERE database_name = 'warehouse' AND schema_name = ? AND table_name = ?
        """,
        [schema, table],
    ).fetchone()
    if not built or not built[0]:
        return None
    found = dict(
        connection.execute(
            f"SELECT customer_id, household_id FROM warehouse.{HOUSEHOLDS}"  # noqa: S608
        ).fetchall()
    )
    true = dict(connection.execute("SELECT person_id, household_id FROM truth.persons").fetchall())
    places: dict[int, Counter[str]] = {}
    for record in records:
        places.setdefault(record.person, Counter())[record.cluster] += 1
    customer = {
        person: max(at, key=lambda each: (at[each], each in found, each))
        for person, at in places.items()
    }
    # A customer without a household is one alone.
    return compare_clusters(
        [found.get(each, each) for each in customer.values()], [true[each] for each in customer]
    )


def components(edges: list[tuple[str, str]]) -> dict[str, str]:
    """Connected components by union-find: node to the root of its component."""
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        while parent.setdefault(node, node) != node:
            parent[node] = node = parent[parent[node]]
        return node

    for left, right in edges:
        parent[root(left)] = root(right)
    return {node: root(node) for node in list(parent)}
