"""What is inside a file: itself, or what it holds compressed, at any depth."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq

LARGEST = 1 << 30  # bytes that are unpacked of one file
_DEEPEST = 5

Change = Callable[[bytes], tuple[bytes, int]]

# Kinds of files that hold texts in a form that nothing here reads.
_OPAQUE = {
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!": "RAR",
    b"%PDF": "PDF",
    b"\x04\x22\x4d\x18": "LZ4",
    b"\xd0\xcf\x11\xe0": "an Office file of before 2007",
    b"Salted__": "encrypted",
    b"-----BEGIN PGP MESSAGE": "encrypted",
}


class Unsearched(Exception):
    """A file, or a part of it, cannot be searched; the message says why."""


_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_UTF_16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_PACKED = (b"\x1f\x8b", *_ZIP, b"BZh", b"\xfd7zXZ", b"PAR1", *_UTF_16)


def is_packed(content: bytes) -> bool:
    """Whether it begins as something that has to be unpacked."""
    return content.startswith(_PACKED)


def changed(content: bytes, change: Change, depth: int = 0) -> tuple[bytes, int]:
    """The content with a change made to whatever is in it, and how many places that were.

    A pack in which nothing is changed is the same bytes. Raises Unsearched.
    """
    if depth > _DEEPEST:
        raise Unsearched("archives in archives, too many")
    for sign, kind in _OPAQUE.items():
        if content.startswith(sign):
            raise Unsearched(kind)
    try:
        if content.startswith(b"\x1f\x8b"):
            return _stream(content, _gunzip(content), gzip.compress, change, depth)
        if content.startswith(b"BZh"):
            plain = _bounded(bz2.BZ2Decompressor(), content)
            return _stream(content, plain, bz2.compress, change, depth)
        if content.startswith(b"\xfd7zXZ"):
            plain = _bounded(lzma.LZMADecompressor(), content)
            return _stream(content, plain, lzma.compress, change, depth)
        if encoding := _UTF_16.get(content[:2]):
            return _text(content, encoding, change)
        if content.startswith(_ZIP):
            return _zip(content, change, depth)
        if content.startswith(b"PAR1") and depth == 0:
            return _parquet(content, change)
    except (EOFError, OSError, ValueError, RuntimeError, NotImplementedError, zlib.error,
            lzma.LZMAError, zipfile.BadZipFile, pa.ArrowException) as error:  # fmt: skip
        raise Unsearched(f"it cannot be unpacked ({error})") from error
    return change(content)


def _stream(
    content: bytes, plain: bytes, pack: Callable[[bytes], bytes], change: Change, depth: int
) -> tuple[bytes, int]:
    after, count = changed(plain, change, depth + 1)
    return (pack(after), count) if count and after != plain else (content, count)


def _text(content: bytes, encoding: str, change: Change) -> tuple[bytes, int]:
    """It begins as UTF-16 does, and may be something else all the same: so it is read as both."""
    after, count = change(content[2:].decode(encoding, "replace").encode())
    if count:
        content = content[:2] + after.decode("utf-8", "replace").encode(encoding)
    after, more = change(content)
    return after, count + more


def _gunzip(content: bytes) -> bytes:
    plain, rest = b"", content
    while rest.startswith(b"\x1f\x8b"):  # one after the other, as logs are appended
        unpack = zlib.decompressobj(wbits=31)
        plain += unpack.decompress(rest, LARGEST - len(plain) + 1)
        if len(plain) > LARGEST:
            raise Unsearched(f"unpacked it has more than {LARGEST:,} bytes")
        if not unpack.eof:
            raise Unsearched("it ends half-way")
        rest = unpack.unused_data.lstrip(b"\0")
    return plain


def _bounded(unpack: bz2.BZ2Decompressor | lzma.LZMADecompressor, content: bytes) -> bytes:
    plain = unpack.decompress(content, LARGEST + 1)
    if len(plain) > LARGEST:
        raise Unsearched(f"unpacked it has more than {LARGEST:,} bytes")
    if not unpack.eof or unpack.unused_data:
        raise Unsearched("it ends half-way, or has several parts")
    return plain


def _zip(content: bytes, change: Change, depth: int) -> tuple[bytes, int]:
    written, total, is_changed = io.BytesIO(), 0, False
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(written, "w") as after:
        if sum(member.file_size for member in before.infolist()) > LARGEST:
            raise Unsearched(f"unpacked it has more than {LARGEST:,} bytes")
        after.comment = before.comment
        for member in before.infolist():
            if member.flag_bits & 1:
                raise Unsearched("an encrypted ZIP")
            plain = before.read(member)
            rest, count = changed(plain, change, depth + 1)
            name, named = change(member.filename.encode())
            is_changed |= rest != plain or bool(named and name != member.filename.encode())
            total += count + named
            member.filename = name.decode()
            after.writestr(member, rest, member.compress_type)
        comment, count = change(before.comment)
        is_changed, total = is_changed or comment != before.comment, total + count
        after.comment = comment
    return (written.getvalue(), total) if is_changed else (content, total)


def _parquet(content: bytes, change: Change) -> tuple[bytes, int]:
    table = pq.read_table(io.BytesIO(content))
    count, columns = 0, []
    for column in table.columns:
        cells = column.to_pylist()
        if not change("\n".join(map(str, cells)).encode())[1]:
            columns.append(column)
        elif pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            rests = [None if cell is None else change(cell.encode())[0] for cell in cells]
            texts = [None if rest is None else rest.decode("utf-8", "replace") for rest in rests]
            count += sum(before != after for before, after in zip(cells, texts, strict=True))
            columns.append(pa.array(texts, column.type))
        else:
            raise Unsearched(f"a Parquet file with the person in a column of {column.type}")
    if not count:
        return content, 0
    sink = io.BytesIO()
    pq.write_table(pa.table(columns, schema=table.schema), sink)
    return sink.getvalue(), count
