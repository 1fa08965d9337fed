"""Connections and the settings a source declares.

One format serves the command line and Airflow: connection id ``o2o_<connection>``, which in the
environment is ``AIRFLOW_CONN_O2O_<CONNECTION>``, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from warehouse.landing.errors import SettingError

if TYPE_CHECKING:
    from connectors.core.kept import Kept

Number = TypeVar("Number", int, float)

ALLOW_HTTP = "extra.allow_http"
LARGEST_ANSWER = "extra.largest_answer_mb"


@dataclass(frozen=True)
class Connection:
    """Where a vendor's API is and how to sign in. Secrets stay out of its ``repr``.

    ``kept``: what the vendor hands out for the next time is kept there, if that is needed.
    """

    host: str = ""
    login: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)
    port: int = 0  # that of the protocol
    kept: Kept | None = field(default=None, repr=False, compare=False)

    def get(self, name: str, default: Any = "") -> Any:
        """The value of ``host``, ``login``, ``password`` or ``extra.<name>``."""
        if name.startswith("extra."):
            value = self.extra.get(name.removeprefix("extra."))
        else:
            value = getattr(self, name)
        return default if value in (None, "") else value

    def listed(self, name: str) -> tuple[str, ...]:
        """The members of a setting that is a list, or a text with commas between."""
        value = self.get(name)
        members = value if isinstance(value, list | tuple) else str(value).split(",")
        return tuple(dict.fromkeys(filter(None, (str(member).strip() for member in members))))


@dataclass(frozen=True)
class Setting:
    """One setting a source reads from its connection: ``login``, ``extra.refresh_token``, …"""

    name: str
    help: str
    required: bool = True


def variable(name: str) -> str:
    """The environment variable that holds the connection of this name."""
    return f"AIRFLOW_CONN_O2O_{name.upper()}"


def from_env(name: str) -> Connection:
    """Read a connection from the environment.

    Raises SettingError when the variable is missing or is not a connection in JSON form.
    """
    key = variable(name)
    value = os.environ.get(key, "")
    if not value:
        raise SettingError(
            f"no connection configured. Set the environment variable {key} "
            f"(or, in Airflow, the connection o2o_{name}).",
            source=name,
        )
    try:
        found = json.loads(value)
        extra = found.get("extra") or {}
        # Airflow's own export writes the extra as a JSON text inside the JSON.
        extra = json.loads(extra) if isinstance(extra, str) else extra
        return Connection(
            found.get("host") or "",
            found.get("login") or "",
            found.get("password") or "",
            dict(extra),
            int(found.get("port") or 0),
        )
    except (ValueError, AttributeError, TypeError):
        # The cause is not chained: a JSON error quotes its document, which holds secrets.
        raise SettingError(
            f'{key} is not a connection in JSON form, like {{"host": "https://…", "login": "…", '
            f'"password": "…", "extra": {{…}}}}. In .env it stands between single quotes.',
            source=name,
        ) from None


def require(name: str, connection: Connection, settings: Iterable[Setting]) -> None:
    """Raise one SettingError that lists every required setting the connection lacks."""
    missing = [s for s in settings if s.required and not connection.get(s.name)]
    if missing:
        listed = ", ".join(f"{s.name} ({s.help})" for s in missing)
        raise SettingError(
            f"missing setting {listed}. Add it to the connection o2o_{name} "
            f"(environment variable {variable(name)}).",
            source=name,
        )


def above_zero(
    connection: Connection, name: str, default: Number, most: float = sys.float_info.max
) -> Number:
    """The number that a setting is, a whole one where the default is one. Raises SettingError for
    anything else, and for one that is not above 0, or more than ``most``."""
    said, kind = connection.get(name, default), type(default)
    try:
        if 0 < (number := kind(said)) <= most:
            return number
    except (TypeError, ValueError, OverflowError):
        pass
    whole = "a whole number" if kind is int else "a number"
    limit = f", {most:g} at most" if most < sys.float_info.max else ""
    raise SettingError(f"{name} must be {whole} above 0{limit}, not {said!r}")
