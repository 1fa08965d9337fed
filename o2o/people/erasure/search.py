"""Any of many texts in bytes, whatever kind of file these are."""

from __future__ import annotations

import html
import json
import os
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

REPLACEMENT = b"erased"
CHUNK = 1 << 25  # bytes searched at a time, with the end of those before
LONGEST = 1 << 10  # bytes of a value
CHANCE = 12  # digits that are somewhere in a large database by chance, if they are fewer
_AS_WORDS = rb"(?:^|[^0-9a-z])(?:%s)(?:$|[^0-9a-z])"
_AS_NUMBER = rb"(?:^|[^0-9])%s(?:$|[^0-9])"


class Search:
    """Finds any of many texts in bytes: by RE2, whose one pass hardly depends on how many."""

    def __init__(self, needles: Iterable[str]) -> None:
        spelled = {
            form for one in needles for form in (one, html.escape(one), json.dumps(one)[1:-1])
        }
        self._forms = sorted((form.encode() for form in spelled), key=len, reverse=True)

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

        In a database one text follows another without a space, so there they need be no words.
        """
        if not file.exists():
            return 0
        is_database = ".duckdb" in file.suffixes  # or the draft of one

        def count(begin: int) -> int:
            with file.open("rb") as content:
                content.seek(max(begin - LONGEST, 0))
                chunk = content.read(begin + CHUNK - content.tell())
            return self.count(chunk, anywhere=is_database)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return sum(pool.map(count, range(0, file.stat().st_size, CHUNK)))

    def replaced(self, content: bytes) -> tuple[bytes, int]:
        """The content with another word in place of each of them, and how many they were."""
        if not self.count(content):
            return content, 0
        small = content.lower()
        # Python's own expressions try one text after the other: so only those that are there.
        forms = b"|".join(re.escape(form) for form in self._forms if form.lower() in small)
        return re.subn(b"(?i)(?<![0-9a-z])(?:" + forms + b")(?![0-9a-z])", REPLACEMENT, content)
