"""Which locations of different systems may be one store: suggestions for their owner to confirm."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

LIKELY = 0.6  # below it two names have little in common
MANY = 6  # of fewer locations, what most of them share tells nothing
TYPO = 0.75  # words less alike than this are different words


@dataclass(frozen=True)
class Location:
    """A place that a system knows. ``store_id`` is None where nobody says which store it is."""

    connection: str
    kind: str
    id: str
    name: str
    city: str
    store_id: str | None

    @property
    def own_id(self) -> str:
        """The id of the store that a till is as long as nobody says which."""
        return f"{self.connection}:{self.id}"


@dataclass(frozen=True)
class Suggestion:
    """``store_id`` may be the location's; ``like`` is what it resembles, ``score`` 0 to 1 how much.

    Without anything alike the location is a store of its own.
    """

    location: Location
    store_id: str
    like: str
    score: float


def suggest(locations: Sequence[Location]) -> list[Suggestion]:
    """For each location without a store: the store whose other locations are named most like it.

    Names are compared by their words, in any order and without those that most of them share (the
    company's own); where both systems name a city, it counts as much as the name. Tills come first,
    because a shop that sells has one: what is left is compared with them, too.
    """
    common = _common(locations)
    words = {location: _words(location, common) for location in locations}
    known = [(location, location.store_id) for location in locations if location.store_id]
    found = []
    unknown = [location for location in locations if not location.store_id]
    for location in sorted(unknown, key=lambda one: (one.kind != "till", one.connection, one.id)):
        scored = [
            (_likeness(words[location], words[other]), other, store)
            for other, store in known
            if (other.connection, other.kind) != (location.connection, location.kind)
        ]
        score, other, store = max(
            scored, key=lambda each: (each[0], each[2]), default=(0.0, location, location.own_id)
        )
        if score < LIKELY:
            score, other, store = 0.0, location, location.own_id
        like = "" if other is location else other.name
        found.append(Suggestion(location, store, like, score))
        known.append((location, store))
    return found


def _common(locations: Sequence[Location]) -> set[str]:
    counts = Counter(word for one in locations for word in set(_split(one.name)))
    return {word for word, count in counts.items() if 2 * count > len(locations) >= MANY}


def _words(location: Location, common: set[str]) -> tuple[list[str], str]:
    return sorted(set(_split(location.name)) - common), " ".join(_split(location.city))


def _split(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))


def _likeness(one: tuple[list[str], str], other: tuple[list[str], str]) -> float:
    """How alike two names are: the words of the shorter one, each as it is found in the longer."""
    short, long = sorted((one[0], other[0]), key=len)
    if not short:
        return 0.0
    numbers = [{word for word in words if any(map(str.isdigit, word))} for words in (short, long)]
    if all(numbers) and not numbers[0] & numbers[1]:
        return 0.0  # shop 3 is not shop 10, whatever else they are called
    found = [max(SequenceMatcher(None, word, each).ratio() for each in long) for word in short]
    names = sum(each if each >= TYPO else 0.0 for each in found) / len(found)
    if one[1] and other[1]:
        return (names + (one[1] == other[1])) / 2
    return names
