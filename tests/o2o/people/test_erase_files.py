"""A person's values in files of any kind: found and overwritten in every form, or named."""

from __future__ import annotations

import base64
import bz2
import gzip
import html
import io
import json
import lzma
import quopri
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, quote_plus

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from identifiers.encoded import readings
from o2o.people.erasure import files, packed
from o2o.people.erasure.packed import Unsearched
from o2o.people.erasure.plan import ErasureError, Plan
from o2o.people.erasure.search import Search
from o2o.people.erasure.spelling import literal, loose
from warehouse.landing.personal import names

VALUE, OTHER = "anna.b+x@example.com", "ben@example.com"
PLAN = Plan("i", "t", hashes=[VALUE])
SEARCH = Search(PLAN.needles)
TEXT = f"to {VALUE} and {OTHER}"


def zipped(content: bytes, name: str = "a.txt") -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
        archive.writestr("other.txt", OTHER)
    return written.getvalue()


def tarred(content: bytes) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        member = tarfile.TarInfo("a.txt")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return written.getvalue()


ENCODINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "upper case": str.upper,
    "percent": quote,
    "percent, lower case": lambda text: quote(text).lower(),
    "percent, with plus": quote_plus,
    "percent, twice": lambda text: quote(quote(text)),
    "percent, every letter": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "percent, after a word": lambda text: "u=" + quote("a=" + text, safe=""),
    "escaped signs": lambda text: text.replace("@", "\\u0040").replace("+", "\\u002B"),
    "escaped letters": lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text.replace("@", "\\u0040"))),
    "HTML": lambda text: text.replace("@", "&#64;").replace(".", "&#x2e;").replace("+", "&plus;"),
    "HTML, every letter": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "quoted-printable": lambda text: (
        quopri.encodestring(text.replace("@", "\x00").encode(), True).decode().replace("=00", "=40")
    ),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 from the second byte": lambda text: base64.b64encode(b"{" + text.encode()).decode(),
    "base64 from the third byte": lambda text: base64.b64encode(b"{{" + text.encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(b"\xff\xfe " + text.encode()).decode(),
    "base64 without its end": lambda text: base64.b64encode(text.encode()).decode().rstrip("="),
    "base64 in lines": lambda text: base64.encodebytes(b"x" * 50 + b" " + text.encode()).decode(),
    "base64 of upper case": lambda text: base64.b64encode(text.upper().encode()).decode(),
}
PACKS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "gzip, two parts": lambda content: gzip.compress(b"first\n") + gzip.compress(content),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zip": zipped,
    "zip in gzip": lambda content: gzip.compress(zipped(content)),
    "tar.gz": tarred,
    "UTF-16": lambda content: content.decode().encode("utf-16"),
    "UTF-16, the other way round": lambda content: (
        b"\xfe\xff" + content.decode().encode("utf-16-be")
    ),
    "a name in a zip": lambda content: zipped(b"", content.decode().replace("/", "")),
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_every_encoding_is_found_and_overwritten(name: str, tmp_path: Path) -> None:
    file, text = tmp_path / "a.log", f"begin {ENCODINGS[name](TEXT)} end\n"
    file.write_text(text)
    assert files.found(file, SEARCH)
    inode, size = file.stat().st_ino, file.stat().st_size
    assert files.redact([file], PLAN)
    assert files.found(file, SEARCH) == 0
    assert (file.stat().st_ino, file.stat().st_size) == (inode, size)
    left = "\n".join(readings(file.read_text()))
    assert OTHER in left.lower(), "somebody else's stays"
    assert left.startswith("begin ")


@pytest.mark.parametrize("name", PACKS)
def test_every_pack_is_searched_and_packed_again(name: str, tmp_path: Path) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(PACKS[name](TEXT.encode()))
    file.chmod(0o640)
    assert files.found(file, SEARCH)
    assert files.redact([file], PLAN) == {str(file): 1}
    assert files.found(file, SEARCH) == 0
    assert files.found(file, Search([OTHER]))
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_pack_without_the_person_is_the_same_bytes(tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    file.write_bytes(before := zipped(OTHER.encode()))
    assert files.redact([file], PLAN) == {}
    assert file.read_bytes() == before


def test_a_table_somebody_kept_is_searched(tmp_path: Path) -> None:
    file = tmp_path / "export.parquet"
    table = pa.table({"n": [1, 2, 3], "who": [VALUE, OTHER, None]})
    pq.write_table(table, file)
    assert files.redact([file], PLAN) == {str(file): 1}
    rest = duckdb.read_parquet(str(file)).fetchall()
    assert rest == [(1, "erased" + "*" * 14), (2, OTHER), (3, None)]
    pq.write_table(pa.table({"who": [[VALUE]]}), file)
    with pytest.raises(Unsearched, match="in a column of list"):
        files.found(file, SEARCH)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x28\xb5\x2f\xfd" + b"x" * 50, "Zstandard"),
        (b"%PDF-1.7 x", "PDF"),
        (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
        (gzip.compress(b"x" * 1000)[:-9], "half-way"),
        (b"PK\x03\x04 and no zip", "unpacked"),
        (gzip.compress(b"%PDF-1.7"), "PDF"),
        (zipped(gzip.compress(b"x" * 5000)), "more than 4,096 bytes"),
    ],
    # What is packed tells when: no name of a test may.
    ids=["Zstandard", "PDF", "7-Zip", "gzip cut off", "zip cut off", "packed PDF", "bomb"],
)
def test_what_cannot_be_searched_is_said(
    content: bytes, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "LARGEST", 4096)
    file = tmp_path / "a.bin"
    file.write_bytes(content)
    assert files.redact([file], PLAN) == {}
    assert file.read_bytes() == content
    with pytest.raises(Unsearched, match=reason):
        files.found(file, SEARCH)


def test_who_writes_to_a_log_goes_on_writing_to_it(tmp_path: Path) -> None:
    file = tmp_path / "scheduler.log"
    with file.open("a", buffering=1) as log:
        log.write(f"hello {VALUE}\n")
        assert files.redact([file], PLAN) == {str(file): 1}
        log.write("and on\n")
    assert file.read_text() == f"hello erased{'*' * 14}\nand on\n"


def test_a_live_database_of_sqlite_is_changed_by_its_own_means(tmp_path: Path) -> None:
    file = tmp_path / "airflow.db"
    with closing(sqlite3.connect(file)) as live:
        live.execute("pragma journal_mode = wal")
        live.execute("create table log (id integer primary key, extra text, raw blob)")
        rows = [(TEXT, VALUE.encode()), (quote(TEXT), None), (OTHER, None)]
        live.executemany("insert into log (extra, raw) values (?, ?)", rows)
        live.commit()
        live.execute("delete from log where id = 2")
        live.commit()
        inode = file.stat().st_ino
        assert files.redact(files.inside(tmp_path), PLAN)
        assert [f.name for f in files.inside(tmp_path) if files.found(f, SEARCH)] == []
        assert file.stat().st_ino == inode
        live.execute("insert into log (extra) values ('and on')")
        live.commit()
        found = live.execute("select extra from log order by id").fetchall()
    gone = "erased" + "*" * 14
    assert found == [(f"to {gone} and {OTHER}",), (OTHER,), ("and on",)]


def test_a_database_that_somebody_holds_is_left_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_PATIENCE", 0.1)
    file = tmp_path / "airflow.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as live:
        live.execute("create table log (extra text)")
        live.execute("insert into log values (?)", [VALUE])
        live.execute("begin immediate")
        with pytest.raises(ErasureError, match=r"airflow\.db, and it cannot be changed"):
            files.redact([file], PLAN)


def test_a_servers_files_are_its_own(tmp_path: Path) -> None:
    file = tmp_path / "pg" / "base" / "1" / "1259"
    file.parent.mkdir(parents=True)
    (tmp_path / "pg" / "PG_VERSION").write_text("17")
    file.write_text(VALUE)
    assert files.redact(files.inside(tmp_path), PLAN) == {}
    assert file.read_text() == VALUE
    with pytest.raises(Unsearched, match="Postgres server's"):
        files.found(file, SEARCH)


@pytest.mark.parametrize("name", [name for name in ENCODINGS if "lines" not in name])
def test_what_landed_is_found_and_judged_in_every_encoding(name: str) -> None:
    payload = json.dumps({"note": f"x {ENCODINGS[name](VALUE)} y"})
    pattern = loose([("email", VALUE)])
    assert duckdb.execute("select regexp_matches(?, ?)", [payload, pattern]).fetchall() == [(True,)]
    note = json.loads(payload)["note"]
    assert names(note, lambda kind, one: one == VALUE, frozenset({"email"}))
    assert not names(html.escape(note), lambda kind, one: one == OTHER, frozenset({"email"}))


def test_the_proof_looks_for_values_in_base64() -> None:
    pattern = literal([VALUE], [VALUE])
    packed_value = base64.b64encode(b"{" + TEXT.encode()).decode()
    for text, is_there in (
        (packed_value, True),
        (base64.b64encode(OTHER.encode()).decode(), False),
    ):
        found = duckdb.execute("select regexp_matches(?, ?)", [text, pattern]).fetchall()
        assert found == [(is_there,)]
