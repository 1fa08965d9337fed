"""Reports and publication at a URL: machines that share nothing else work on one installation."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from expectations import runner
from o2o.pipeline import publish, remote_copy
from o2o.pipeline.paths import Paths
from o2o.report import page
from tests.object_store import ObjectStore
from warehouse.engines.duckdb import DuckDBWarehouse, fingerprint
from warehouse.landing.errors import SettingError, StorageError
from warehouse.landing.storage import Storage


class Machine:
    """A run folder of its own; the audit is by decree, as what is judged does not matter here."""

    def __init__(self, home: Path, url: str) -> None:
        self.paths = Paths(home, str(home / "landing"), state_url=url)

    def build(self, rows: int) -> None:
        self.paths.warehouse.parent.mkdir(parents=True, exist_ok=True)
        self.paths.warehouse.unlink(missing_ok=True)
        with duckdb.connect(str(self.paths.warehouse)) as con:
            con.execute(f"create schema marts; create table marts.t as from range({rows})")

    def give_warehouse(self, other: Machine) -> None:
        """What a shared disk does: the same file, with its times."""
        other.paths.warehouse.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(self.paths.warehouse, other.paths.warehouse)

    def audit(self, boundary: runner.Boundary = "marts", note: str = "") -> None:
        with remote_copy.kept(self.paths):
            subject = fingerprint(self.paths.warehouse)
            at = "2026-06-01T04:00:00+00:00"
            audit_id = f"{boundary}-{subject[:12]}{note}"
            runner.save(runner.AuditResult(audit_id, boundary, at, subject, []), self.paths.reports)
            docs = self.paths.reports / "gx" / "gx" / "uncommitted" / "data_docs" / "page.html"
            docs.parent.mkdir(parents=True, exist_ok=True)
            docs.write_text(audit_id)
            page.write(self.paths.reports, publish.manifest_path(self.paths.published))

    def publish(self) -> publish.Publication:
        with remote_copy.kept(self.paths, publication=True):
            return publish.publish(
                DuckDBWarehouse(self.paths.warehouse), self.paths.reports, self.paths.published
            )

    def rows(self) -> int:
        with duckdb.connect(str(self.paths.published), read_only=True) as con:
            return int(con.execute("select count(*) from marts.t").fetchall()[0][0])


@pytest.fixture
def machines(bucket: str, tmp_path: Path) -> tuple[Machine, Machine]:
    url = f"{bucket}/state"
    return Machine(tmp_path / "a", url), Machine(tmp_path / "b", url)


def published_names(object_store: ObjectStore, url: str) -> list[str]:
    names = object_store.keys(f"{url}/published")
    return sorted(name.rpartition("/")[2] for name in names)


def test_audited_on_one_machine_published_on_another(
    machines: tuple[Machine, Machine], object_store: ObjectStore, tmp_path: Path
) -> None:
    a, b = machines
    a.build(rows=10)
    a.give_warehouse(b)
    a.audit("landing")
    a.audit("marts")
    assert not a.paths.published.exists()
    with pytest.raises(publish.PublishRefused, match="not been audited"):  # the verdict is at a
        publish.publish(DuckDBWarehouse(b.paths.warehouse), b.paths.reports, b.paths.published)
    done = b.publish()
    url = a.paths.state_url

    # Anybody who can read the store finds the file by its manifest.
    manifest = json.loads(Storage(url).read("published/manifest.json") or b"")
    assert manifest["audit_id"] == done.audit_id
    file = f"published/{manifest['file']}"
    Storage(url).download(file, tmp_path / "copy.duckdb")
    with duckdb.connect(str(tmp_path / "copy.duckdb"), read_only=True) as con:
        assert con.execute("select count(*) from marts.t").fetchall() == [(10,)]

    # The page at the URL tells what happened on both machines.
    page = Storage(url).read("reports/index.html") or b""
    assert b"Every check passed" in page
    assert page == (b.paths.reports / "index.html").read_bytes()
    # Nothing half-written is left, no lock and no working copy of the store.
    names = object_store.keys(url)
    assert not [name for name in names if name.endswith((".tmp", ".lock"))]
    assert "state/reports/gx/gx/uncommitted/data_docs/page.html" in names


def test_a_machine_with_an_old_copy_goes_on_from_the_newest(
    machines: tuple[Machine, Machine], object_store: ObjectStore
) -> None:
    a, b = machines
    for rows, (build, other) in enumerate([(a, b), (b, a), (a, b)], start=1):
        build.build(rows)
        build.give_warehouse(other)
        build.audit()
        published = other.publish()
        assert other.rows() == rows
        assert other.publish() == published  # again, and nothing changes
    assert a.rows() == 2  # a has its own publication still
    assert remote_copy.pull(a.paths) == published
    assert a.rows() == 3
    # The newest, the one before (somebody may be reading it), and the manifest.
    names = published_names(object_store, a.paths.state_url)
    assert len(names) == 3
    assert names[0] == "manifest.json"
    page = a.paths.reports / "gx" / "gx" / "uncommitted" / "data_docs" / "page.html"
    assert page.read_text().startswith("marts-")


def test_a_refused_publication_says_so_and_changes_nothing(
    machines: tuple[Machine, Machine], object_store: ObjectStore
) -> None:
    a, b = machines
    a.build(1)
    a.give_warehouse(b)
    a.audit()
    b.publish()
    before = published_names(object_store, a.paths.state_url)
    a.build(2)
    a.give_warehouse(b)
    with pytest.raises(
        publish.PublishRefused, match="warehouse has been written to since the audit"
    ):
        b.publish()
    assert published_names(object_store, a.paths.state_url) == before
    a.audit()
    page = Storage(a.paths.state_url).read("reports/index.html") or b""
    assert b"Passed, not published yet" in page


def test_a_crash_before_the_manifest_leaves_the_old_publication(
    machines: tuple[Machine, Machine], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = machines
    a.build(1)
    a.audit()
    a.publish()
    a.build(2)
    a.audit()
    upload = Storage.upload

    def fails_at_manifest(self: Storage, file: Path, name: str, *, in_place: bool = False) -> None:
        if name == remote_copy.MANIFEST:
            raise StorageError("the network is gone")
        upload(self, file, name, in_place=in_place)

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "upload", fails_at_manifest)
        with pytest.raises(StorageError, match="network is gone"):
            a.publish()
    assert remote_copy.pull(b.paths) is not None
    assert b.rows() == 1
    a.publish()  # Airflow tries again
    remote_copy.pull(b.paths)
    assert b.rows() == 2


def test_a_shared_folder_will_do(tmp_path: Path) -> None:
    share = str(tmp_path / "share")
    a, b = Machine(tmp_path / "a", share), Machine(tmp_path / "b", share)
    a.build(5)
    a.audit()
    a.publish()
    assert remote_copy.pull(b.paths) is not None
    assert b.rows() == 5


def test_without_the_setting_nothing_leaves_the_run_folder(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "home", "")
    machine.build(1)
    machine.audit()
    machine.publish()
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    with pytest.raises(SettingError, match="O2O_STATE_URL"):
        remote_copy.pull(machine.paths)


def test_a_store_that_is_not_there_is_one_clear_error(bucket: str, tmp_path: Path) -> None:
    machine = Machine(tmp_path, "s3://no-such-bucket/state")
    machine.build(1)
    with pytest.raises(StorageError, match=r"s3://no-such-bucket/state.*bucket does not exist"):
        machine.audit()
