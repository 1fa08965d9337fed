"""Incidents in words for those who have to act. Nothing personal: no record's id, no raw value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from expectations.runner import CheckResult, Culprit
from identifiers import reading
from o2o.alerts.channels import Message
from o2o.alerts.incidents import Incident, Problem
from o2o.report import page

SHOWN_FACTS = 5  # per place; the report has all
SHOWN_PLACES = 10  # per message
LONGEST = 300  # characters of an error's first line
_EFFECTS = {
    "fail": "Nothing new is published until it passes.",
    "warn": "What is published is marked with a warning.",
}
_NUMBER = re.compile(r"(?<![\d-])\+?(?!\d{4}-\d\d-\d\d)\d[\d ()/-]{6,}\d")  # no day


@dataclass(frozen=True)
class Links:
    """Where the owners' report is read: an address, or else a file."""

    report: str

    def to(self, check: str) -> str:
        """Where the report tells of a check; a file is opened at its beginning."""
        return f"{self.report}#{check}" if "://" in self.report else self.report


def of_check(check: CheckResult, boundary: str, links: Links) -> list[Problem]:
    """The places at which a check is off."""
    totals = [f"{check.left_label} | {check.right_label}"] if check.totals else []
    totals += [
        f"all places: {_pair(total.left, total.right, total.gap, total.unit)}"
        for total in check.totals
    ]
    problems = []
    for place in check.places or ["the whole check"]:
        mine = [culprit for culprit in check.culprits if culprit.place == place]
        facts = [_fact(culprit) for culprit in mine[:SHOWN_FACTS]]
        if len(mine) > SHOWN_FACTS:
            facts.append(f"and {len(mine) - SHOWN_FACTS} more in the report")
        if check.status == "error":
            facts.append("The check could not be computed; the report says why.")
        problems.append(
            Problem(
                subject=subject_of(boundary, check.name),
                place=place,
                owner=check.owner,
                title=f"{check.title} ({check.name})",
                effect=_EFFECTS[check.severity],
                facts=(*totals, *facts),
                action=check.action,
                link=links.to(check.name),
            )
        )
    return problems


def subject_of(boundary: str, check: str) -> str:
    return f"check:{boundary}:{check}"


def of_task(
    dag: str, task: str, owner: str, error: BaseException | None, link: str, tries: int
) -> Problem:
    """A task that has used up its tries. ``link``: its log."""
    return Problem(
        subject=f"task:{dag}.{task}",
        place=dag,
        owner=owner,
        title=f"{dag}.{task} failed",
        effect="What it would have brought is missing until it runs again.",
        facts=(without_people(_first_line(error)), f"tries: {tries}"),
        action="Read its log; mend what it names, then clear the task.",
        link=link,
    )


def of_run(dag: str, owner: str, reason: str, link: str) -> Problem:
    """A run that failed although none of its tasks told so. ``reason``: what Airflow says."""
    return Problem(
        subject=f"run:{dag}",
        place=dag,
        owner=owner,
        title=f"A run of {dag} failed",
        effect="What it would have brought is missing until it runs again.",
        facts=(
            f"Airflow says: {without_people(reason)}",
            "None of its tasks could tell why: a process was killed (memory?) or a machine lost.",
        ),
        action="Look at the run and at the machine, then clear the failed task.",
        link=link,
    )


def without_people(text: str) -> str:
    """The text without what may be an e-mail address or a phone number."""
    words = ("…" if reading.emails(word) else word for word in text.split(" "))
    return _NUMBER.sub("…", " ".join(words))


def opened(incidents: Sequence[Incident], contact: str) -> Message:
    """The message on incidents of one subject that have begun."""
    problem = incidents[0].problem
    return Message(
        f"[o2o] {problem.title}{_at(incidents)}",
        "\n".join(
            [
                f"What: {problem.title}. {problem.effect}",
                f"Since: {page.moment(min(incident.since for incident in incidents))}",
                f"Owner: {contact}",
                *_told(incidents),
                "",
                f"To do: {problem.action}",
                f"More: {problem.link}",
            ]
        ),
    )


def reminded(incidents: Sequence[Incident], contact: str) -> Message:
    """The same once more, for what lasts."""
    message = opened(incidents, contact)
    return Message(message.subject.replace("[o2o]", "[o2o] still:", 1), message.text)


def ended(incidents: Sequence[Incident], contact: str) -> Message:
    """The message on incidents of one subject that are over."""
    problem = incidents[0].problem
    since = min(incident.since for incident in incidents)
    until = max(incident.ended for incident in incidents)
    places = ", ".join(incident.problem.place for incident in incidents[:SHOWN_PLACES])
    return Message(
        f"[o2o] over: {problem.title}{_at(incidents)}",
        "\n".join(
            [
                f"It is no longer found: {problem.title}.",
                f"Where: {places}{_more(incidents)}",
                f"It lasted from {page.moment(since)} to {page.moment(until)}.",
                f"Owner: {contact}",
                f"More: {problem.link}",
            ]
        ),
    )


def trial(role: str, contact: str, now: datetime) -> Message:
    """What ``o2o alerts test`` sends."""
    return Message(
        f"[o2o] test: alerts for {role}",
        f"Alerts for {role} ({contact}) arrive here. Sent at {now:%Y-%m-%d %H:%M} UTC by hand.",
    )


def _told(incidents: Sequence[Incident]) -> list[str]:
    if len(incidents) == 1:
        problem = incidents[0].problem
        return [f"Where: {problem.place}", *(f"  {fact}" for fact in problem.facts)]
    lines: list[str] = []
    said: set[str] = set()
    for incident in incidents[:SHOWN_PLACES]:
        new = [fact for fact in incident.problem.facts if fact not in said]
        said.update(new)
        lines += [f"Where: {incident.problem.place}", *(f"  {fact}" for fact in new)]
    return lines + ([f"{_more(incidents).strip()} in the report"] if _more(incidents) else [])


def _at(incidents: Sequence[Incident]) -> str:
    return "" if len(incidents) == 1 else f", at {len(incidents)} places"


def _more(incidents: Sequence[Incident]) -> str:
    rest = len(incidents) - SHOWN_PLACES
    return f" and {rest} more" if rest > 0 else ""


def _fact(culprit: Culprit) -> str:
    day = f"{culprit.day}: " if culprit.day else ""
    return day + _pair(culprit.left, culprit.right, culprit.gap, culprit.unit)


def _pair(left: object, right: object, gap: object, unit: str) -> str:
    told = [page.amount(value, unit) for value in (left, right, gap)]  # type: ignore[arg-type]
    return f"{told[0]} | {told[1]}, gap {told[2]}"


def _first_line(error: BaseException | None) -> str:
    lines = str(error).strip().splitlines() if error else []
    return lines[0][:LONGEST] if lines else type(error).__name__ if error else "It was stopped."
