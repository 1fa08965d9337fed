"""Publishing: what is refused, what is copied, and that no kill can leave half a publication."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from expectations import runner
from o2o.pipeline import publish
from warehouse.engines.duckdb import DuckDBWarehouse, fingerprint

MARTS = """
create schema staging; create table staging.secret as select 'raw' as x;
create schema marts;
create table marts.fct_orders as
    select i as order_id, (i * 7)::bigint as total_minor from range({rows}) t (i);
create table marts.dim_stores as select 'S001' as store_id;
create or replace view marts.rpt_total as select sum(total_minor) as money from marts.fct_orders;
comment on table marts.fct_orders is 'One row per order; the customer''s view';
comment on column marts.fct_orders.total_minor is 'Charged, minor units';
alter table marts.fct_orders alter column order_id set not null;
"""


class Home:
    """Warehouse, reports and publication of one installation, audited by decree."""

    def __init__(self, folder: Path) -> None:
        self.warehouse = folder / "warehouse.duckdb"
        self.reports = folder / "reports"
        self.target = folder / "published" / "o2o.duckdb"

    def build(self, rows: int) -> None:
        self.warehouse.unlink(missing_ok=True)
        with duckdb.connect(str(self.warehouse)) as con:
            con.execute(MARTS.format(rows=rows))

    def audit(self, *faults: tuple[str, str], day: int = 1, gap: int = 1250) -> None:
        """Write the verdict that an audit finding these (name, severity) faults would write."""
        checks = [
            runner.CheckResult(
                name=name,
                suite="silos",
                severity=severity,
                owner="store-operations",
                status="passed" if name == "fine" else "failed",
                title=f"{name} holds",
                means="It means something.",
                action="Do something.",
                left_label="left",
                right_label="right",
                allowed="no difference",
                compared=1,
                off=0 if name == "fine" else 1,
                totals=[runner.Total("EUR", Decimal(gap), Decimal(0), Decimal(gap))]
                if name != "fine"
                else [],
                culprits=[],
            )
            for name, severity in (("fine", "fail"), *faults)
        ]
        subject = fingerprint(self.warehouse)
        audit_id = f"audit-{subject}-{len(faults)}-{day}"
        at = f"2026-06-{day:02}T04:00:00+00:00"
        runner.save(runner.AuditResult(audit_id, "marts", at, subject, checks), self.reports)

    def publish(self) -> publish.Publication:
        return publish.publish(DuckDBWarehouse(self.warehouse), self.reports, self.target)

    def orders(self) -> int:
        with duckdb.connect(str(self.target), read_only=True) as con:
            return int(con.execute("select count(*) from marts.fct_orders").fetchall()[0][0])


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.build(rows=10)
    home.audit()
    return home


def test_publishes_the_marts_and_nothing_else(home: Home) -> None:
    publication = home.publish()
    assert publication.tables == {"dim_stores": 1, "fct_orders": 10, "rpt_total": 1}
    with duckdb.connect(str(home.target), read_only=True) as con:
        schemas = con.execute(
            "select distinct table_schema || '.' || table_name from information_schema.tables"
        ).fetchall()
        assert {name for (name,) in schemas} == {
            "main.audited",
            "main.publication",
            "marts.dim_stores",
            "marts.fct_orders",
            "marts.rpt_total",
        }
        assert con.execute("select money from marts.rpt_total").fetchall() == [(315,)]
        ((told,),) = con.execute(
            "select comment from duckdb_tables() where table_name = 'fct_orders'"
        ).fetchall()
        assert told.startswith("One row per order")
        assert told.endswith(" Key: order_id. Owner: sales-finance.")
        assert con.execute(
            "select comment from duckdb_columns() where column_name = 'total_minor'"
        ).fetchall() == [("Charged, minor units",)]
        assert con.execute(
            "select column_name from duckdb_columns() where not is_nullable"
            " and schema_name = 'marts' order by all"
        ).fetchall() == [("order_id",), ("store_id",)]
    manifest = json.loads(publish.manifest_path(home.target).read_text())
    assert manifest["tables"] == publication.tables
    assert manifest["verdict"] == "passed"
    assert publish.current(home.target) == publication
    assert "Published" in (home.reports / "index.html").read_text()
    assert home.target.stat().st_mode & 0o222 == 0


def test_warnings_travel_with_the_publication(home: Home) -> None:
    home.audit(("stale_feed", "warn"))
    publication = home.publish()
    assert publication.verdict == "warned"
    assert publication.warnings == ["stale_feed holds (stale_feed)"]
    assert "Published with warnings" in (home.reports / "index.html").read_text()


def test_what_is_off_is_published_with_the_day_since_when(home: Home) -> None:
    stale, empty = ("stale_feed", "warn"), ("empty_till", "warn")
    for day, faults in enumerate(([stale], [stale, empty], [empty], [], [empty]), start=1):
        home.audit(*faults, day=day, gap=day * 1000)
        home.publish()
    with duckdb.connect(str(home.target), read_only=True) as con:
        off = con.execute(
            "select day(audited_at), check_name, gap, strftime(off_since, '%m-%d') from audited"
            " where status <> 'passed' order by all"
        ).fetchall()
        passed = con.execute(
            "select check_name, day(audited_at), off_since from audited where status = 'passed'"
        ).fetchall()
    assert off == [
        (1, "stale_feed", 10, "06-01"),
        (2, "empty_till", 20, "06-02"),
        (2, "stale_feed", 20, "06-01"),
        (3, "empty_till", 30, "06-02"),
        (5, "empty_till", 50, "06-05"),
    ]
    assert passed == [("fine", 5, None)]


def test_unchanged_state_is_not_published_twice(home: Home) -> None:
    first = home.publish()
    inode = home.target.stat().st_ino
    assert home.publish() == first
    assert home.target.stat().st_ino == inode


def test_refuses_without_an_audit(home: Home) -> None:
    runner.audit_path(home.reports, "marts").unlink()
    with pytest.raises(publish.PublishRefused, match=r"have not been audited.*Nothing has been"):
        home.publish()
    assert not home.target.exists()


def test_refuses_the_audit_of_another_state(home: Home) -> None:
    home.publish()
    home.build(rows=20)
    with pytest.raises(
        publish.PublishRefused, match="warehouse has been written to since the audit"
    ):
        home.publish()
    assert home.orders() == 10


def test_refuses_a_failed_audit_and_keeps_the_last_good_one(home: Home) -> None:
    home.publish()
    home.build(rows=20)
    home.audit(("till_sales", "fail"), ("stale_feed", "warn"))
    with pytest.raises(publish.PublishRefused, match=r"1 fault.*till_sales holds.*stays as it is"):
        home.publish()
    assert home.orders() == 10
    assert "Held back" in (home.reports / "index.html").read_text()
    assert not list(home.target.parent.glob(".*.tmp*"))


def test_refuses_while_the_warehouse_is_being_written(home: Home) -> None:
    script = (
        "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('open', flush=True);"
        " sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(home.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
        with pytest.raises(publish.PublishRefused, match="a build is still writing"):
            home.publish()
        writer.communicate("")


def test_reader_of_the_old_file_is_not_disturbed(home: Home) -> None:
    home.publish()
    script = (
        "import duckdb, sys; con = duckdb.connect(sys.argv[1], read_only=True);"
        " count = lambda: con.execute('select count(*) from marts.fct_orders').fetchone()[0];"
        " print(count(), flush=True); sys.stdin.readline(); print(count(), flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(home.target)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "10\n"
        home.build(rows=20)
        home.audit()
        home.publish()
        assert reader.communicate("\n")[0] == "10\n"
    assert home.orders() == 20


@pytest.mark.parametrize("left", [0, 20_000, 300_000])
def test_a_full_disk_is_said_and_the_last_publication_stays(home: Home, left: int) -> None:
    old = home.publish()
    home.build(rows=200_000)
    home.audit()
    script = """
import resource, sys
from pathlib import Path
from warehouse.engines.duckdb import DuckDBWarehouse
from o2o.pipeline import publish

resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
try:
    warehouse, reports, target = map(Path, sys.argv[2:])
    publish.publish(DuckDBWarehouse(warehouse), reports, target)
except publish.PublishRefused as refused:
    print(refused)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(left)]
        + [str(path) for path in (home.warehouse, home.reports, home.target)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 0, done.stderr
    (said,) = done.stdout.splitlines()
    assert "Is the disk full?" in said
    assert publish.current(home.target) == old
    assert home.orders() == 10
    leftovers = {path.name for path in home.target.parent.iterdir()}
    assert leftovers == {"o2o.duckdb", "manifest.json", ".o2o.duckdb.lock"}
    assert home.publish().tables["fct_orders"] == 200_000


# Where to pull the plug: what replaces a step of publish before it is run.
PLUGS = {
    "before copying": "publish._copy = plug",
    "after copying": "publish._check = plug",
    "before the rename": "os.replace = plug",
    "after the rename": "publish._write_manifest = plug",
    "within the manifest": (
        "keep = os.replace\n"
        "os.replace = lambda a, b: plug() if str(b).endswith('manifest.json') else keep(a, b)"
    ),
}


@pytest.mark.parametrize("point", PLUGS)
def test_kill_leaves_old_or_new_whole_and_the_next_run_repairs(home: Home, point: str) -> None:
    # The old manifest must not exist, or its repair would meet the last plug first.
    old = home.publish()
    home.build(rows=20)
    home.audit()
    script = f"""
import os, signal, sys
from pathlib import Path
from warehouse.engines.duckdb import DuckDBWarehouse
from o2o.pipeline import publish

def plug(*args):
    os.kill(os.getpid(), signal.SIGKILL)

publish.current = lambda target: None  # straight to the copy
{PLUGS[point]}
warehouse, reports, target = map(Path, sys.argv[1:])
publish.publish(DuckDBWarehouse(warehouse), reports, target)
"""
    killed = subprocess.run(
        [sys.executable, "-c", script, str(home.warehouse), str(home.reports), str(home.target)],
        check=False,
        cwd=Path(__file__).parents[3],
    )
    assert killed.returncode == -signal.SIGKILL
    standing = publish.current(home.target)
    is_new = point in ("after the rename", "within the manifest")
    assert home.orders() == (20 if is_new else 10)
    assert standing is not None
    assert (standing == old) is not is_new

    repaired = home.publish()
    assert home.orders() == 20
    assert repaired.tables["fct_orders"] == 20
    manifest = json.loads(publish.manifest_path(home.target).read_text())
    assert manifest["published_at"] == repaired.published_at
    assert manifest["audit_id"] == repaired.audit_id
    leftovers = {path.name for path in home.target.parent.iterdir()}
    assert leftovers == {"o2o.duckdb", "manifest.json", ".o2o.duckdb.lock"}


def test_a_publication_names_the_marts_whose_rows_have_changed(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.build(rows=10)
    home.audit()
    assert home.publish().changed == ["dim_stores", "fct_orders", "rpt_total"]
    home.build(rows=11)
    home.audit()
    assert home.publish().changed == ["fct_orders", "rpt_total"]
    assert home.publish().changed == ["fct_orders", "rpt_total"]  # the same publication
    with duckdb.connect(str(home.warehouse)) as con:  # the same rows in another order
        con.execute("create table marts.other as from marts.fct_orders order by order_id desc")
        con.execute("drop table marts.fct_orders; alter table marts.other rename to fct_orders")
    home.audit()
    assert home.publish().changed == []
    with duckdb.connect(str(home.warehouse)) as con:
        con.execute("alter table marts.dim_stores add column city varchar")
    home.audit()
    assert home.publish().changed == ["dim_stores"]
