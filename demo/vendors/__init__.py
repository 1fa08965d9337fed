"""The vendors' HTTP APIs over the demo world, each in its vendor's own shapes: one module a vendor.

``core/`` is the machinery they share. A module here that declares a ``VENDOR`` is served.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from demo.world.constants import DEFAULT_START

if TYPE_CHECKING:
    from demo.vendors.core.vendor import Vendor

BEFORE = DEFAULT_START - timedelta(days=31)


@cache
def vendors() -> tuple[Vendor, ...]:
    """All simulated vendors, by name."""
    names = [module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg]
    return tuple(import_module(f"{__name__}.{name}").VENDOR for name in sorted(names))


def connections(
    base_url: str, until: datetime | None = None, names: Iterable[str] | None = None
) -> dict[str, dict[str, Any]]:
    """Airflow connections of these names, by default one per vendor, pointing at the APIs served at
    ``base_url``. A name is the vendor's, or the vendor's with two underscores and a label.

    ``until`` is the world's end or its now. The real clock is far beyond it, and whoever asks by
    that one would take the months between for months without rows. Raises KeyError for a vendor
    that is not simulated.
    """
    simulated = {vendor.name: vendor for vendor in vendors()}
    found: dict[str, dict[str, Any]] = {}
    for name in simulated if names is None else names:
        vendor = simulated[name.partition("__")[0]]
        host = f"{base_url.rstrip('/')}/{vendor.name}"
        found[name] = {
            "conn_type": "http",
            "host": host,
            "login": "",
            "password": "",
            "extra": {},
            **vendor.credentials(host),
        }
        if vendor.is_asked_by_day:
            found[name]["extra"] = {"start_date": str(BEFORE), **found[name]["extra"]}
    added: dict[str, Any] = {"until": until.isoformat()} if until else {}
    address = urlsplit(base_url)
    if address.scheme == "http" and address.hostname not in ("127.0.0.1", "localhost"):
        added["allow_http"] = True  # a simulator in the next container, with made-up credentials
    for connection in found.values():
        connection["extra"] = {**connection["extra"], **added}
    return found
