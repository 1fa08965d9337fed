"""The recorded traffic, and the vendors' specs that come in packages."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, build_client_schema

FOLDER = Path("var/contracts").resolve()
PACKAGE, PACKAGE_VERSION = "@shopify/dev-mcp", "1.16.0"
PACKAGE_SHA512 = (  # as the registry writes it
    "tqgRnK7sQhjew+htxtleTH23nXB5fZcsrhWgEkomsorGXvLOB2mh2upwZm8uzuTDNTZnqtLMe64yIwh6s2awtw=="
)
ADMIN = "package/dist/data/admin_2026-10.json.gz"
# What chaos adds to answers to see whether anybody minds.
NEW_FIELDS = ("Preview", "_preview", "is_preview_user")


@pytest.fixture(scope="session")
def traffic() -> Callable[..., list[dict[str, Any]]]:
    """A function to the recorded requests of a vendor, those whose path ends with a text."""
    lines = (FOLDER / "traffic.jsonl").read_text().splitlines()
    calls = [json.loads(line) for line in lines]

    def find(vendor: str, path: str = "") -> list[dict[str, Any]]:
        found = [
            {**call, "answer": without_new_fields(call["answer"])}
            for call in calls
            if call["vendor"] == vendor and call["path"].endswith(path)
        ]
        assert found, f"no recorded request to {vendor}{path}"
        return found

    return find


@pytest.fixture(scope="session")
def served() -> dict[str, Any]:
    """The fields that the simulator can serve, per vendor."""
    return json.loads((FOLDER / "served.json").read_text())


@pytest.fixture(scope="session")
def admin_schema() -> GraphQLSchema:
    """Shopify's Admin schema 2026-10, out of Shopify's own package."""
    archive = FOLDER / f"dev-mcp-{PACKAGE_VERSION}.tgz"
    if not archive.exists():
        _download(archive)
    if base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode() != PACKAGE_SHA512:
        archive.unlink()
        pytest.fail(f"{PACKAGE} {PACKAGE_VERSION} is not the package that was pinned; try again")
    with tarfile.open(archive) as tar:
        member = tar.extractfile(ADMIN)
        assert member is not None
        introspection = json.loads(gzip.decompress(member.read()))["data"]
    # As Shopify publishes it, it breaks a rule on deprecated fields that queries do not care about.
    return build_client_schema(introspection, assume_valid=True)


def _download(archive: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.fail(f"npm is needed once, to download Shopify's schema in {PACKAGE}")
    command = [npm, "pack", "--silent", f"{PACKAGE}@{PACKAGE_VERSION}"]
    done = subprocess.run(command, cwd=archive.parent, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"npm could not download {PACKAGE}: {done.stderr.strip()}")
    (archive.parent / done.stdout.split()[-1]).rename(archive)


def without_new_fields(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: without_new_fields(inner)
            for name, inner in value.items()
            if not name.endswith(NEW_FIELDS)
        }
    if isinstance(value, list):
        return [without_new_fields(inner) for inner in value]
    return value
