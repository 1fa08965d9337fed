"""What of a file can only be known when all of its rows have been read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from connectors.files.cells import Maker, Record
from connectors.files.description import LINE, Description, Rows
from connectors.files.reading import Fault, Raw

KEPT = 300_000  # keys of files that are kept for the next contract: some 50 MB


@dataclass
class Survey:
    """``broken``: records with a row that is set aside, its line and why. ``keys``: by contract, of
    each key what its rows say, None where they do not say the same; or the last line of it."""

    broken: dict[str, tuple[int, str]] = field(default_factory=dict)
    keys: dict[str, dict[str, str | int | None]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.broken) + sum(map(len, self.keys.values()))


def survey(
    description: Description, read: Mapping[str, Rows], open: Callable[[], Iterator[Raw]]
) -> Survey:
    """The survey of a file's rows for the contracts that are ``read``. Raises FileFault for a file
    that cannot be read."""
    found = Survey(keys={name: {} for name, rows in read.items() if not rows.is_grouped})
    if not description.groups and description.newest_by not in ("", LINE):
        return found
    maker = Maker(description)
    counts = {name: Counter[bytes]() for name in read}
    for raw in open():
        if raw.fault or maker.is_left_out(raw):
            for part in maker.parts(raw) if raw.fault and raw.cells else ():
                found.broken.setdefault(part, (raw.line, raw.fault))
            continue
        for name, rows in read.items():
            try:
                made = maker.made(raw, rows, counts[name])
            except Fault as fault:
                for part in maker.parts(raw):
                    found.broken.setdefault(part, (raw.line, str(fault)))
                continue
            if name in found.keys:
                for record in made or ():
                    _note(found.keys[name], record, description)
    return found


def _note(keys: dict[str, str | int | None], record: Record, description: Description) -> None:
    if description.newest_by == LINE:
        keys[record.key] = record.line
        return
    mark = sha256(repr(sorted(record.values.items(), key=str)).encode()).hexdigest()[:16]
    if keys.setdefault(record.key, mark) != mark:
        keys[record.key] = None


@dataclass
class Surveys:
    """Surveys of the files of one load, each made for the first of its contracts and kept for the
    others, as long as they are not too many for the memory."""

    known: dict[str, Survey] = field(default_factory=dict)

    def of(self, file: str, make: Callable[[], Survey]) -> Survey:
        """The survey of the file of this name and mark."""
        if file not in self.known:
            found = make()
            if sum(map(len, self.known.values())) + len(found) > KEPT:
                return found
            self.known[file] = found
        return self.known[file]
