"""The dbt project, as whoever starts dbt must set it up: where it lies and what it reads."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from pathlib import Path

from connectors.connections import Connected
from connectors.core.source import Source
from connectors.registry import SOURCES

_COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)
_NEWEST = re.compile(r"\{\{ (?:newest_per_(?:key|day)|readings_per_key)\('(\w+)', '(\w+)'")
PROJECT_DIR = Path(__file__).resolve().parents[2] / "dbt_project"


def settings(
    engine: str,
    warehouse: str,
    landing_url: str,
    identity_key: str,
    connections: Iterable[Source] = tuple(SOURCES.values()),
) -> dict[str, str]:
    """The environment variables that ``profiles.yml`` and the models read.

    ``warehouse`` is the path of the DuckDB file; ``connections`` are those in use: the contracts
    are filled from them.
    """
    names: dict[str, list[str]] = {}
    via: dict[str, dict[str, str]] = {}
    tables: dict[str, dict[str, dict[str, str]]] = {}
    files: dict[str, dict[str, str]] = {}
    for connection in connections:
        if isinstance(connection, Connected) and connection.folder:
            for contract in connection.contracts:
                files.setdefault(contract, {})[connection.name] = connection.vendor
            continue
        if isinstance(connection, Connected) and connection.contracts:
            told = {"system": connection.vendor, "tables": connection.tables}
            for contract in connection.contracts:
                tables.setdefault(contract, {})[connection.name] = told
            continue
        if isinstance(connection, Connected) and connection.via:
            via[connection.name] = {"via": connection.via, "tables": connection.tables}
        names.setdefault(connection.vendor, []).append(connection.name)
    used = {vendor: sorted(names[vendor]) for vendor in sorted(names)}
    return {
        "O2O_ENGINE": engine,
        "O2O_WAREHOUSE_PATH": warehouse,
        "O2O_LANDING_URL": landing_url,
        "O2O_IDENTITY_KEY": identity_key,
        "O2O_MAPPINGS": json.dumps(mappings(used)),
        "O2O_STAGED": json.dumps(staged(used)),
        "O2O_VERSION": version(),
        "O2O_SHAPE": shape(),
        "O2O_CONNECTIONS": json.dumps(used),
        "O2O_VIA": json.dumps(via, sort_keys=True),
        "O2O_TABLES": json.dumps(tables, sort_keys=True),
        "O2O_FILES": json.dumps(files, sort_keys=True),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def unused(connections: Iterable[Source]) -> list[str]:
    """The vendors without a connection, as dbt selects what is theirs."""
    used = {
        connection.vendor
        for connection in connections
        if not (isinstance(connection, Connected) and connection.contracts)
    }
    return [
        f"path:{folder}/{vendor}"
        for vendor in sorted(set(SOURCES) - used)
        for folder in ("models/staging", "tests")
        if (PROJECT_DIR / folder / vendor).is_dir()
    ]


def version() -> str:
    """The product's version."""
    return metadata.version("o2o-warehouse")


@cache
def shape() -> str:
    """A digest of how staging reads what landed: another one means that it must be read anew."""
    files = [
        *(PROJECT_DIR / "macros").rglob("*.sql"),
        *(PROJECT_DIR / "models" / "staging").rglob("*.sql"),
        PROJECT_DIR / "seeds" / "currencies.csv",
    ]
    digest = hashlib.sha256()
    for file in sorted(files):
        text = _COMMENT.sub("", file.read_text(encoding="utf-8"))
        digest.update(f"{file.relative_to(PROJECT_DIR)}\n{' '.join(text.split())}\n".encode())
    return digest.hexdigest()[:16]


def mappings(sources: Collection[str]) -> dict[str, list[str]]:
    """Which models fill each contract from these sources.

    Read from the folders, so that nobody keeps a list: a source that knows of a contract has a
    model ``staging/<source>/<source>__<contract>.sql``.
    """
    models = PROJECT_DIR / "models"
    contracts = sorted(model.stem for model in (models / "conformed").glob("*.sql"))
    return {
        contract: [
            f"{source}__{contract}"
            for source in sorted(sources)
            if (models / "staging" / source / f"{source}__{contract}.sql").exists()
        ]
        for contract in contracts
    }


def staged(sources: Collection[str]) -> dict[str, dict[str, str]]:
    """Which models stage these sources' streams, with ``source`` and ``stream`` of each.

    Read from the models, so that nobody keeps a list: what is wrong with a record stands in them.
    """
    models = PROJECT_DIR / "models" / "staging"
    found = {
        file.stem: _NEWEST.search(file.read_text(encoding="utf-8"))
        for source in sorted(sources)
        for file in sorted((models / source).glob("*.sql"))
    }
    return {
        model: {"source": match[1], "stream": match[2]} for model, match in found.items() if match
    }


@contextmanager
def environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """Set these variables for this process, and put back what was there before."""
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
