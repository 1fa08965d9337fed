"""Sends what is due. What could not be sent stays due: the next run tries it again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from connectors.core.settings import Connection
from expectations.owners import Owner
from o2o.alerts import channels, messages
from o2o.alerts.channels import Message, NotSent, OutOfReach
from o2o.alerts.incidents import Incident, Incidents, Problem
from o2o.company import Contact
from warehouse.landing.errors import SettingError

log = logging.getLogger(__name__)

Credentials = Callable[[str], Connection]  # of a connection o2o_<name>; raises SettingError
FALLBACK = Owner.DATA_PLATFORM  # is told where a role has no address
# Before that, whoever found something may still be telling it.
OTHERS_AFTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Addresses:
    """Who is told, and where the secrets come from."""

    owners: Mapping[str, Contact]
    credentials: Credentials

    def of(self, role: str) -> dict[str, str]:
        """Channel -> address of a role; of the data platform's, if it has none."""
        for each in (role, FALLBACK):
            contact = self.owners.get(each, Contact())
            found = {"email": contact.email, "chat": contact.webhook}
            if found := {channel: to for channel, to in found.items() if to}:
                return found
        return {}

    def contact(self, role: str) -> str:
        """A role with the name of who answers for it, and who is told in its stead."""
        contact = self.owners.get(role, Contact())
        name = f" ({contact.name})" if contact.name else ""
        has_none = not (contact.email or contact.webhook)
        stead = f", who has no address: told to {FALLBACK}" if has_none and role != FALLBACK else ""
        return f"{role}{name}{stead}"

    def send(self, channel: str, to: str, message: Message) -> None:
        """Raises NotSent."""
        try:
            if channel == "email":
                channels.email(message, to, self.credentials(channels.SMTP))
            else:
                channels.chat(message, self.credentials(to), to)
        except SettingError as error:
            raise OutOfReach(error.message) from None


def deliver(
    incidents: Incidents,
    addresses: Addresses,
    now: datetime,
    *,
    mine: Callable[[Problem], bool],
    reminder: timedelta | None = None,
) -> int:
    """Send what is due; returns the number of messages that could not be sent.

    One message per subject, owner and channel, whatever the number of places. ``mine``: what the
    caller has just looked at; of what others found only that goes out which they could not send,
    so that tasks that end at one moment do not say the same thing twice. ``reminder``: say it again
    after this long, as long as it lasts; by default never. Raises StorageError.
    """
    dead: dict[tuple[str, str], str] = {}  # what did not answer is not asked again in this run
    failures = 0

    def key(incident: Incident) -> tuple[str, str]:
        return incident.problem.owner, incident.problem.subject

    found = [each for each in incidents.all() if mine(each.problem) or _is_left(each, now)]
    for (owner, _), grouped in groupby(sorted(found, key=key), key=key):
        group = list(grouped)
        ways = addresses.of(owner)
        contact = addresses.contact(owner)
        states = {incident.id: incident for incident in group}
        trouble: dict[str, str] = {}
        if not ways:
            trouble = dict.fromkeys(
                states,
                f"neither {owner} nor {FALLBACK} has an address: set owners.{owner}.email or"
                " .webhook in company.yml",
            )
        for channel, to in ways.items():
            for due, say, is_end in _due(group, channel, now, reminder):
                server = (channel, to if channel == "chat" else "")
                try:
                    if server in dead:
                        raise OutOfReach(dead[server])
                    addresses.send(channel, to, say(due, contact))
                except NotSent as error:
                    failures += 1
                    if isinstance(error, OutOfReach):
                        dead[server] = str(error)
                    log.error("An alert for %s was not sent by %s: %s", owner, channel, error)
                    trouble |= {each.id: f"{channel}: {error}" for each in due}
                    continue
                for each in due:
                    states[each.id] = _noted(states[each.id], channel, now, is_end=is_end)
        for before in group:
            after = replace(states[before.id], trouble=trouble.get(before.id, ""))
            if after.ended and ways.keys() <= after.told_end.keys():
                incidents.forget(after)
            elif after != before:
                incidents.save(after)
    return failures


Say = Callable[[list[Incident], str], Message]


def _is_left(incident: Incident, now: datetime) -> bool:
    changed = datetime.fromisoformat(incident.ended or incident.since)
    return bool(incident.trouble) or now - changed >= OTHERS_AFTER


def _due(
    group: list[Incident], channel: str, now: datetime, reminder: timedelta | None
) -> list[tuple[list[Incident], Say, bool]]:
    """The groups of incidents that a channel has not told of, each with what tells it."""
    lasting = [each for each in group if not each.ended]
    groups: list[tuple[list[Incident], Say, bool]] = [
        ([each for each in lasting if channel not in each.told], messages.opened, False),
        (
            [
                each
                for each in lasting
                if reminder
                and channel in each.told
                and now - datetime.fromisoformat(each.told[channel]) >= reminder
            ],
            messages.reminded,
            False,
        ),
        (
            [each for each in group if each.ended and channel not in each.told_end],
            messages.ended,
            True,
        ),
    ]
    return [(due, say, is_end) for due, say, is_end in groups if due]


def _noted(incident: Incident, channel: str, now: datetime, *, is_end: bool) -> Incident:
    at = {channel: now.isoformat(timespec="seconds")}
    if is_end:
        return replace(incident, told_end=incident.told_end | at)
    return replace(incident, told=incident.told | at)
