"""Any of many texts in bytes, whatever kind of file these are."""

from __future__ import annotations

import html
import json
import os
import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from identifiers.encoded import BASE64_WORD, decoded, escaped, in_base64, recoded

REPLACEMENT = b"erased"
CHUNK = 1 << 25  # bytes searched at a time, with the end of those before
LONGEST = 1 << 10  # bytes of a value
HASH = 64  # characters of identity's hashes
CHANCE = 12  # digits that are somewhere in a large database by chance, if they are fewer
_AS_WORDS = rb"(?:^|[^0-9a-z])(?:%s)(?:$|[^0-9a-z])"
# No letter or digit, but for those of an escape.
_BEFORE = (
    rb"(?i)(?:(?<![0-9a-z])|(?<=[%=][0-9a-f]{2})|(?<=%25[0-9a-f]{2})|(?<=%2525[0-9a-f]{2})"
    rb"|(?<=\\u[0-9a-f]{4}))"
)
SQLITE = b"SQLite format 3\0"
_AS_NUMBER = rb"(?:^|[^0-9])%s(?:$|[^0-9])"


class Search:
    """Finds any of many texts in bytes: by RE2, whose one pass hardly depends on how many."""

    def __init__(self, needles: Iterable[str]) -> None:
        spelled = {
            form for one in needles for form in (one, html.escape(one), json.dumps(one)[1:-1])
        }
        self._forms = sorted((form.encode() for form in spelled), key=len, reverse=True)
        # Nobody writes a hash in base64 but whoever makes one.
        written = [one for one in spelled if len(one) < HASH]
        cores = sorted({core for one in written for core in in_base64(one)})
        self._cores = "|".join(map(re.escape, cores))

    def count(self, content: bytes, *, anywhere: bool = False) -> int:
        """How often one stands there: as a word, whatever the case, or ``anywhere`` as it is, but
        for a short number, which must not be a part of a longer one."""
        if not self._forms:
            return 0
        if anywhere:
            pattern = b"|".join(
                _AS_NUMBER % one if one.isdigit() and len(one) < CHANCE else re.escape(one)
                for one in self._forms
            )
        else:
            pattern = _AS_WORDS % b"|".join(re.escape(one.lower()) for one in self._forms)
            content = content.lower()
        found = pc.count_substring_regex(pa.array([content], pa.large_binary()), pattern=pattern)
        return int(found[0].as_py())

    def count_in(self, file: Path) -> int:
        """0 if none of them is in the file, however large that is, or there is no file any more.

        In a database one text follows another without a space, so there they need be no words; in
        all others they may be encoded.
        """
        if not file.exists():
            return 0
        is_database = _is_database(file)

        def count(begin: int) -> int:
            with file.open("rb") as content:
                content.seek(max(begin - LONGEST, 0))
                chunk = content.read(begin + CHUNK - content.tell())
            if is_database:
                return self.count(chunk, anywhere=True)
            return self.count_encoded(chunk)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return sum(pool.map(count, range(0, file.stat().st_size, CHUNK)))

    def count_encoded(self, content: bytes) -> int:
        """How often one stands there as a word, as it is or in another encoding."""
        return self.count(content) or sum(map(self.count, self._readings(content)))

    def _readings(self, content: bytes) -> list[bytes]:
        """What else a content says; of base64 only where one of the values can be in it."""
        is_base64 = False
        if self._cores:
            joined = pa.array([re.sub(rb"\r?\n", b"", content)], pa.large_binary())
            found = pc.count_substring_regex(joined, pattern=self._cores)
            is_base64 = bool(found[0].as_py())
        return decoded(content, is_base64=is_base64)

    def replaced(self, content: bytes) -> tuple[bytes, int]:
        """The content with as many bytes of something else in place of each of them, and how many
        they were."""
        number = 0
        if self.count(content):
            content, number = self._overwritten(content, lambda form: re.escape(form))
        others = [reading for reading in self._readings(content) if self.count(reading)]
        if not others:
            return content, number

        def inside(inner: bytes) -> bytes:
            return self._overwritten(inner, lambda form: re.escape(form))[0]

        after = BASE64_WORD.sub(lambda word: recoded(word[0], inside), content)
        number += after != content
        spelled = self._overwritten(after, _any_spelling, b"\n".join(others))
        return spelled[0], number + spelled[1]

    def _overwritten(
        self, content: bytes, spelled: Callable[[bytes], bytes], seen: bytes = b""
    ) -> tuple[bytes, int]:
        small = (seen or content).lower()
        # Python's own expressions try one text after the other: so only those that are there.
        forms = b"|".join(spelled(form) for form in self._forms if form.lower() in small)
        if not forms:
            return content, 0
        return re.subn(_BEFORE + rb"(?:" + forms + rb")(?![0-9a-z])", _filled, content)


def _is_database(file: Path) -> bool:
    """Of DuckDB, or the draft of one, or of SQLite, or what either keeps beside it."""
    if ".duckdb" in file.suffixes or file.name.endswith(("-wal", "-journal")):
        return True
    with file.open("rb") as content:
        return content.read(len(SQLITE)) == SQLITE


def _filled(found: re.Match[bytes]) -> bytes:
    """As long as what it replaces: so nothing moves, and who reads or writes the file needs not
    know."""
    return REPLACEMENT[: len(found[0])].ljust(len(found[0]), b"*")


def _any_spelling(form: bytes) -> bytes:
    return b"(?:=\\r?\\n)?".join(escaped(one, always=True).encode() for one in form.decode())
