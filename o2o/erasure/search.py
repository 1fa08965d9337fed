"""Any of many texts in bytes, whatever kind of file these are."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

REPLACEMENT = b"erased"
CHUNK = 1 << 25  # bytes searched at a time; each with the end of the one before
LONGEST = 1 << 10  # bytes of a value
_AS_WORDS = rb"(?:^|[^0-9a-z])(?:%s)(?:$|[^0-9a-z])"


class Search:
    """Finds any of many texts in bytes: by RE2, whose one pass hardly depends on how many."""

    def __init__(self, needles: Iterable[str]) -> None:
        spelled = {
            form for one in needles for form in (one, html.escape(one), json.dumps(one)[1:-1])
        }
        self._forms = sorted((form.encode() for form in spelled), key=len, reverse=True)

    def count(self, content: bytes, *, anywhere: bool = False) -> int:
        """How often one stands there: as a word, whatever the case, or ``anywhere`` as it is."""
        if not self._forms:
            return 0
        if anywhere:
            pattern = b"|".join(map(re.escape, self._forms))
        else:
            pattern = _AS_WORDS % b"|".join(re.escape(one.lower()) for one in self._forms)
            content = content.lower()
        found = pc.count_substring_regex(pa.array([content], pa.large_binary()), pattern=pattern)
        return int(found[0].as_py())

    def count_in(self, file: Path) -> int:
        """0 if none of them is in the file, however large that is, or there is no file any more.

        In a database one text follows another without a space, so there they need be no words.
        """
        found, end = 0, b""
        if not file.exists():
            return 0
        with file.open("rb") as content:
            while chunk := content.read(CHUNK):
                found += self.count(end + chunk, anywhere=file.suffix == ".duckdb")
                end = chunk[-LONGEST:]
        return found

    def replaced(self, content: bytes) -> tuple[bytes, int]:
        """The content with another word in place of each of them, and how many they were."""
        if not self.count(content):
            return content, 0
        small = content.lower()
        # Python's own expressions try one text after the other: so only those that are there.
        forms = b"|".join(re.escape(form) for form in self._forms if form.lower() in small)
        return re.subn(b"(?i)(?<![0-9a-z])(?:" + forms + b")(?![0-9a-z])", REPLACEMENT, content)
