"""A person's traces in the files of the run folder that are neither landing nor warehouse."""

from __future__ import annotations

import html
import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from o2o.erasure import database
from o2o.erasure.plan import Plan

REPLACEMENT = b"erased"
CHUNK = 1 << 25  # bytes searched at a time; each with the end of the one before
LONGEST = 1 << 10  # bytes of a value
# Every byte that is no letter or digit of ASCII becomes a space, capitals become small.
_WORDS = bytes(
    ord(chr(byte).lower()) if byte < 128 and chr(byte).isalnum() else 32 for byte in range(256)
)


class Search:
    """Finds any of many texts in bytes, in one pass that hardly depends on how many there are."""

    def __init__(self, needles: Iterable[str]) -> None:
        self._by_word: dict[bytes, list[bytes]] = {}
        for needle in needles:
            for spelled in {needle, html.escape(needle), json.dumps(needle)[1:-1]}:
                spelled_bytes = spelled.encode()
                words = spelled_bytes.translate(_WORDS).split()
                longest = max(words, key=len, default=b"")
                self._by_word.setdefault(longest, []).append(spelled_bytes)

    def pattern(self, content: bytes) -> re.Pattern[bytes] | None:
        """A pattern of those that may occur in it; None if there are none."""
        words = {b"", *content.translate(_WORDS).split()}
        likely = [one for word in words & self._by_word.keys() for one in self._by_word[word]]
        if not likely:
            return None
        listed = b"|".join(re.escape(one) for one in sorted(likely, key=len, reverse=True))
        return re.compile(b"(?i)(?<![0-9a-z])(?:" + listed + b")(?![0-9a-z])")

    def count(self, content: bytes) -> int:
        pattern = self.pattern(content)
        return len(pattern.findall(content)) if pattern else 0

    def count_in(self, file: Path) -> int:
        """0 if none of them is in the file, however large that is.

        In a database one text follows another without a space, so there they need be no words.
        """
        count = self._count_anywhere if file.suffix == ".duckdb" else self.count
        found, end = 0, b""
        with file.open("rb") as content:
            while chunk := content.read(CHUNK):
                found += count(end + chunk)
                end = chunk[-LONGEST:]
        return found

    def _count_anywhere(self, content: bytes) -> int:
        return sum(one in content for spelled in self._by_word.values() for one in spelled)


def redact(files: Iterable[Path], plan: Plan) -> dict[str, int]:
    """Blank the person's values where they occur; returns how many there were, by file."""
    search, values = Search([*plan.needles, *plan.customers]), Search(plan.needles)
    counts: dict[str, int] = {}
    for file in files:
        if file.suffix == ".duckdb":
            if database.found(file, plan) or values.count_in(file):
                tables = database.erase(file, plan)
                counts[str(file)] = sum(sum(table.values()) for table in tables.values())
            continue
        content = file.read_bytes()
        if (pattern := search.pattern(content)) is None:
            continue
        redacted, number = pattern.subn(REPLACEMENT, content)
        if number:
            draft = file.with_name(f".{file.name}.erasing.tmp")
            draft.write_bytes(redacted)
            draft.chmod(file.stat().st_mode)
            os.replace(draft, file)
            counts[str(file)] = number
    return counts


def inside(folder: Path, *, without: Iterable[Path] = ()) -> Iterator[Path]:
    """The files of a folder at any depth, but for locks and what lies in other folders."""
    left_out = [path.resolve() for path in without]
    for file in sorted(folder.rglob("*")):
        is_left_out = any(path == file or path in file.parents for path in left_out)
        if file.is_file() and not file.is_symlink() and file.suffix != ".lock" and not is_left_out:
            yield file
