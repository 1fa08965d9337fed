"""Whoever answers for something that went wrong is told: once when it begins, once when it is over.

An *incident* is a check or a task that fails at one place, from the first time that it is found
until it is found no longer. ``incidents`` remembers them, ``messages`` puts them into words,
``channels`` brings them by e-mail and chat, ``outbox`` sends what is due.
"""

from o2o.alerts.incidents import Incident, Incidents, Problem
from o2o.alerts.messages import Links, of_check, of_run, of_task
from o2o.alerts.outbox import Addresses, deliver

__all__ = [
    "Addresses",
    "Incident",
    "Incidents",
    "Links",
    "Problem",
    "deliver",
    "of_check",
    "of_run",
    "of_task",
]
