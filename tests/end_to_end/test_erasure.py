"""A person is erased: nothing of them is found in any file, they do not come back, the books stand.

What to look for is gathered here from the warehouse, apart from how the erasure gathers it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from demo import world
from tests.end_to_end.conftest import Open
from tests.end_to_end.installation import Installation, differences
from tests.end_to_end.traces import traces

# Where an erasure is killed before it may end. It goes on from what a killed one left.
KILLS = (
    ("move erasure/*", 1),
    ("move landing/_suppression/*", 2),
    ("move landing/*.parquet", 5),
    ("move warehouse/*", 1),
    ("move published/*", 2),
    ("remove erasure/pending.json", 1),
)
IDENTIFIERS = (
    "customer_id",
    "contact_id",
    "email",
    "phone",
    "loyalty_card",
    "card_fingerprint",
    "browser_id",
    "app_device_id",
)
PROFILES = ("customer", "contact", "loyalty_account", "browser")

# Somebody with a web order, best of all with a till sale, too, who shares a phone with others.
SOMEBODY = """
with carried as (
    select persons.customer_id, identifier_type, identifier_hash
    from restricted.int_identity__observations
    join intermediate.int_identity__persons as persons using (record_key)
    group by all
),
shared as (
    select identifier_hash from carried where identifier_type = 'phone'
    group by all having count(*) > 1
)
select customer_id from intermediate.int_identity__persons
where customer_id in (select customer_id from carried semi join shared using (identifier_hash))
group by all
having bool_or(connection = 'shopify' and record_kind = 'order')
order by bool_or(connection = 'square' and record_kind = 'order') desc,
    count(distinct (connection, record_kind)) desc, count(*) desc, customer_id limit 1"""

# They keep the opaque id of somebody who is no more, under tokens that no other run would give.
HISTORIES = (
    "int_identity__memberships",
    "int_identity__aliases",
    "dim_persons_history",
    "dim_person_aliases",
)
TOTALS = {
    "fct_orders": "sum(total_minor), sum(net_reporting_minor), count(source_order_id)",
    "fct_attribution": "sum(credit_minor), sum(credit_reporting_minor), sum(credit_share)",
}


@dataclass(frozen=True)
class Person:
    """``values``: what nobody else has; ``shared``: what somebody else has, too."""

    customer_id: str
    values: frozenset[str]
    shared: frozenset[str]

    @property
    def email(self) -> str:
        return next(value for value in self.values if "@" in value)

    def needles(self) -> list[str]:
        return sorted(self.values)


def somebody(installation: Installation) -> Person:
    with duckdb.connect(str(installation.warehouse), read_only=True) as con:
        (customer,) = con.execute(SOMEBODY).fetchone() or ("",)
        assert customer, "the world has nobody such"
        # Where it is not said whose record it is, it is a customer of the one web shop.
        rows = con.execute(
            f"""
            select persons.customer_id, seen.record_kind, seen.record_id,
                case when identifier_type in {IDENTIFIERS} then identifier_value end
            from restricted.person_identifiers as seen
            left join intermediate.int_identity__persons as persons
                on persons.connection = coalesce(seen.record_connection, 'shopify')
                and persons.record_kind = seen.record_kind
                and persons.record_id = seen.record_id"""
        ).fetchall()
    mine: set[str] = set()
    others: set[str] = set()
    for owner, kind, record, identifier in rows:
        found = {identifier} - {None} | ({record} if kind in PROFILES else set())
        (mine if owner == customer else others).update(found)
    values, shared = frozenset(mine - others), frozenset(mine & others)
    assert len(values) >= 5
    assert shared
    return Person(customer, values, shared)


def rows_of(database: Path, person: Person) -> set[str]:
    """Tables that still know the person's own id."""
    with duckdb.connect(str(database), read_only=True) as con:
        names = con.execute(
            "select schema_name, table_name from duckdb_tables()"
            " where database_name = current_database()"
        ).fetchall()
        return {
            name
            for schema, name in names
            if person.customer_id in str(con.execute(f'from "{schema}"."{name}"').fetchall())
        }


def totals(database: Path) -> dict[str, object]:
    with duckdb.connect(str(database), read_only=True) as con:
        return {
            table: con.execute(f"select {sums} from marts.{table}").fetchone()
            for table, sums in TOTALS.items()
        }


@pytest.mark.e2e
def test_an_erased_person_is_nowhere_and_does_not_come_back(
    sound: Installation, open_installation: Open, tmp_path: Path
) -> None:
    with open_installation(sound.copied(tmp_path / "whole").home) as whole:
        person = somebody(whole)
        leaked = whole.home / "reports" / "gx" / "notes.json"
        leaked.write_text(json.dumps({"ids": f"{person.email}, O-1", "of": person.customer_id}))
        places = traces(whole.home, person.needles())
        assert {Path(place).name for place in places} >= {
            "notes.json",
            "warehouse.duckdb",
            "o2o.duckdb",
        }
        before = {name: totals(getattr(whole, name)) for name in ("warehouse", "published")}

        # Asking changes nothing, shows counts and no values.
        shown = whole.o2o("erase", "--identifier", person.email.upper(), "--dry-run")
        assert "email" in shown
        assert not [needle for needle in person.needles() if needle in shown]
        assert traces(whole.home, person.needles()) == places

        killed = whole.copied(tmp_path / "killed")
        whole.o2o("erase", "--person", person.customer_id, "--yes", "--requested-by", "ticket 7")
        assert traces(whole.home, person.needles()) == {}
        kept = {"int_identity__memberships", "dim_persons_history"}
        assert rows_of(whole.warehouse, person) == kept
        assert rows_of(whole.published, person) == {"dim_persons_history"}
        for value in person.shared:
            assert traces(whole.home / "landing", [value]), "what others share with them is kept"
        assert {name: totals(getattr(whole, name)) for name in before} == before
        # Overwritten where it stood, by as many bytes.
        left = {n: text.replace("*", "") for n, text in json.loads(leaked.read_text()).items()}
        assert left == {"ids": "erased, O-1", "of": "erased"}
        (proof,) = proofs_of(whole)
        assert proof["requested_by"] == "ticket 7"
        assert proof["verification"]["found"] == 0
        assert sum(proof["shared_kept"].values()) >= 1
        manifest = json.loads((whole.published.parent / "manifest.json").read_text())
        with duckdb.connect(str(whole.published), read_only=True) as con:
            (rows,) = con.execute("select count(*) from marts.dim_customers").fetchone() or (0,)
        assert manifest["tables"]["dim_customers"] == rows
        assert whole.published.stat().st_mode & 0o222 == 0, "still read-only"

        # Killed at any place and run again, it ends in the same.
        for place in KILLS:
            is_begun = (killed.home / "erasure" / "pending.json").exists()
            arguments = () if is_begun else ("--person", person.customer_id, "--yes")
            killed.killed_at(place, "erase", *arguments)
        killed.o2o("erase")
        assert proofs_of(killed)
        assert traces(killed.home, person.needles()) == {}
        everything = ("staging", "restricted", "intermediate", "marts")
        assert differences(whole.warehouse, killed.warehouse, everything, skip=HISTORIES) == {}
        assert differences(whole.published, killed.published, ("marts",), skip=HISTORIES) == {}

        # Everything is read again from the vendors, who still have the person.
        since = ("--since", f"{world.DEFAULT_START:%Y-%m-%d}T00:00:00Z")
        whole.o2o("extract", *whole.connections, *since, "--until", whole.now.isoformat())
        assert traces(whole.home, person.needles()) == {}
        afresh = whole.fork(tmp_path / "afresh")
        for each in (whole, afresh):
            each.o2o("build")
            assert traces(each.home, person.needles()) == {}
            assert totals(each.warehouse)["fct_orders"] == before["warehouse"]["fct_orders"]
            assert rows_of(each.warehouse, person) <= {*HISTORIES}
        assert rows_of(whole.warehouse, person) == {*HISTORIES}
        assert differences(whole.warehouse, afresh.warehouse, everything, skip=HISTORIES) == {}
        with duckdb.connect(str(whole.warehouse), read_only=True) as con:
            assert con.execute(
                "select person_status, current_customer_id from marts.dim_person_aliases"
                " where customer_id = ?", [person.customer_id],
            ).fetchall() == [("erased", None)]  # fmt: skip

        # Until it is revoked.
        whole.o2o("erase", "--revoke", proof["id"])
        whole.o2o(
            "extract",
            "shopify",
            "--since",
            "2020-01-01T00:00:00Z",
            "--until",
            whole.now.isoformat(),
        )
        assert person.email in str(traces(whole.home / "landing" / "shopify", [person.email]))
        assert "revoked" in proofs_of(whole)[0]


def proofs_of(installation: Installation) -> list[dict]:
    files = (installation.home / "landing" / "_erasures").glob("*.json")
    return [json.loads(file.read_text()) for file in files]
