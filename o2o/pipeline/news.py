"""Whether anything is new since the marts were last judged: without news there is no build.

``judged.json`` (below ``Paths.state``) says what the newest judged build was made from: the
newest load of every stream, the company's configuration, the product's version. What was judged and
failed is not built again for its own sake: it would fail again until something new lands.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, time
from importlib.metadata import version
from typing import Any

from o2o import company
from o2o.pipeline.paths import Paths
from o2o.steps import experiment_plan
from warehouse.landing.storage import Storage
from warehouse.landing.zone import NO_LOAD, Landing

FILE = "judged.json"
MORNING = time(6, tzinfo=UTC)

Seen = dict[str, str]


def seen(paths: Paths) -> Seen:
    """What there is to build from now: the newest load of each stream in use, and what a build
    depends on beside. Loads that are merged or cleaned of a person are no news. Raises
    LandingError, SettingError."""
    ours = company.load()
    newest: Seen = {}
    for file in Landing(paths.landing_url).files():
        connection, _, rest = file.name.partition("/")
        stream, _, load = rest.partition("/")
        if connection in ours.landing and load.endswith(".parquet"):
            name = f"{connection}/{stream}"
            newest[name] = max(newest.get(name, ""), load.removesuffix(".parquet"))
    said = hashlib.sha256()
    for path in [ours.file, *(ours.tables[name] for name in sorted(ours.tables))]:
        said.update(path.read_bytes() if path else b"")
    return {
        **{name: load for name, load in newest.items() if load != NO_LOAD},
        "(configuration)": said.hexdigest()[:16],
        "(version)": version("o2o-warehouse"),
    }


def is_new(now_there: Seen, paths: Paths, now: datetime) -> bool:
    """Whether a build is due. What other loaders keep, and a published plan of experiments, tell
    nobody when they change: with them a build is due each morning, too. Raises StorageError."""
    last = _last(paths)
    if last is None or last["seen"] != now_there:
        return True
    ours = company.load()
    is_told = not any(each.via for each in ours.connections.values())
    if is_told and not experiment_plan.is_planned():
        return False
    morning = datetime.combine(now.date(), MORNING)
    return datetime.fromisoformat(last["at"]) < morning <= now


def judged(what: Seen, paths: Paths, now: datetime) -> None:
    """Note that what was built from this has been judged. Raises StorageError."""
    content = json.dumps({"at": now.isoformat(timespec="seconds"), "seen": what}, indent=1)
    _storage(paths).write(FILE, f"{content}\n".encode())


def _last(paths: Paths) -> dict[str, Any] | None:
    content = _storage(paths).read(FILE)
    return json.loads(content) if content else None


def _storage(paths: Paths) -> Storage:
    return Storage(paths.state)
