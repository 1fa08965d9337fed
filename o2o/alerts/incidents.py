"""What is wrong now and since when, one small file per incident.

``alerts/<incident>.json`` in a place that all machines reach: a file of its own each, so that tasks
which fail at the same moment on several machines do not overwrite each other's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from warehouse.landing.storage import Storage

FOLDER = "alerts"


@dataclass(frozen=True)
class Problem:
    """What a check or a task finds wrong at one place. Nothing in it is personal.

    ``subject`` is what found it (``check:marts:orders_rated``, ``task:ingest__acme.extract``),
    ``owner`` a role, ``effect`` what it keeps from happening, ``facts`` one line each.
    """

    subject: str
    place: str
    owner: str
    title: str
    effect: str
    facts: tuple[str, ...] = ()
    action: str = ""
    link: str = ""


@dataclass(frozen=True)
class Incident:
    """A problem that is not over, or whose end has not been told yet.

    ``since`` and ``ended`` are ISO times (UTC), the latter empty while it lasts. ``told`` and
    ``told_end``: when each channel (``email``, ``chat``) took the message. ``trouble``: why one
    could not be sent.
    """

    problem: Problem
    since: str
    ended: str = ""
    told: dict[str, str] = field(default_factory=dict)
    told_end: dict[str, str] = field(default_factory=dict)
    trouble: str = ""

    @property
    def id(self) -> str:
        return incident_id(self.problem.subject, self.problem.place)


def incident_id(subject: str, place: str) -> str:
    return hashlib.sha256(f"{subject}\0{place}".encode()).hexdigest()[:24]


class Incidents:
    """The incidents of an installation. Every method raises StorageError if its place cannot be
    read or written."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    def all(self) -> list[Incident]:
        """Those that last and those whose end is still to be told, the oldest first."""
        entries = self.storage.entries(f"{self.storage.root}/{FOLDER}")
        names = sorted(e.base_name for e in entries if e.base_name.endswith(".json"))
        read = (self.storage.read(f"{FOLDER}/{name}") for name in names)
        found = [_from_json(content) for content in read if content is not None]
        return sorted(found, key=lambda incident: (incident.since, incident.id))

    def found(
        self,
        problems: Collection[Problem],
        now: datetime,
        *,
        judged: Callable[[Problem], bool],
    ) -> None:
        """Note what was found. An incident that ``judged`` says was looked at and that is not
        among ``problems`` any more has ended."""
        known = {incident.id: incident for incident in self.all()}
        at = now.isoformat(timespec="seconds")
        current = {incident_id(each.subject, each.place): each for each in problems}
        for number, problem in current.items():
            before = known.get(number)
            if before is None:
                self.save(Incident(problem, at))
            elif before.ended:
                # Its end was never told everywhere: there it has just gone on.
                told = {k: v for k, v in before.told.items() if k not in before.told_end}
                self.save(replace(before, problem=problem, ended="", told=told, told_end={}))
            elif before.problem != problem:
                self.save(replace(before, problem=problem))
        for number, incident in known.items():
            if number not in current and not incident.ended and judged(incident.problem):
                self.save(replace(incident, ended=at))

    def note_run(self, dag: str, run_id: str) -> None:
        """Note that a task of this run has told of its own failure."""
        self.storage.write(f"{FOLDER}/runs/{dag}", f"{run_id}\n".encode())

    def is_noted(self, dag: str, run_id: str) -> bool:
        noted = self.storage.read(f"{FOLDER}/runs/{dag}")
        return noted is not None and noted.decode().strip() == run_id

    def save(self, incident: Incident) -> None:
        content = json.dumps(asdict(incident), indent=1, ensure_ascii=False)
        self.storage.write(f"{FOLDER}/{incident.id}.json", f"{content}\n".encode())

    def forget(self, incident: Incident) -> None:
        self.storage.delete(f"{FOLDER}/{incident.id}.json")


def _from_json(content: bytes) -> Incident:
    told: dict[str, Any] = json.loads(content)
    problem = told.pop("problem")
    facts = tuple(problem.pop("facts"))
    return Incident(problem=Problem(**problem, facts=facts), **told)
