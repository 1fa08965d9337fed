"""What dbt knows of the project, read by the first command of a run and shared with the others.

dbt reads all of the project anew, ten seconds long, where the path of the warehouse or of its
landing zone is another. Neither says anything of the project, and each test has its own.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import ManifestLoader

# Its value is a folder that all test processes of a run share.
FOLDER = "PARSED_FOR_TESTS"
LANDING = "O2O_LANDING_URL"
# What the project's files ask the environment for, beside where landing is.
SETTINGS = (
    "O2O_CONNECTIONS", "O2O_MAPPINGS", "O2O_VIA", "O2O_TABLES", "O2O_FILES", "O2O_LINKAGE",
    "O2O_SPARK_TABLE_FORMAT",
)  # fmt: skip


def share() -> None:
    """Make dbt, in this process, go on from what another one read under the same settings."""
    from dbt.parser.manifest import ManifestLoader

    read = ManifestLoader.read_manifest_for_partial_parse
    write = ManifestLoader.write_manifest_for_partial_parse

    def read_shared(loader: ManifestLoader) -> Manifest | None:
        own: Manifest | None = read(loader)
        return own or _read(loader)

    def write_shared(loader: ManifestLoader) -> None:
        write(loader)
        _write(loader)

    ManifestLoader.read_manifest_for_partial_parse = read_shared
    ManifestLoader.write_manifest_for_partial_parse = write_shared


def _read(loader: ManifestLoader) -> Manifest | None:
    """As dbt reads what this warehouse left, but for the two paths. dbt itself looks whether files
    of the project have changed since."""
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    file = _file(loader)
    if not file.exists():
        return None
    manifest = Manifest.from_msgpack(file.read_bytes(), decoder=extended_mashumuro_decoder)
    manifest.state_check.profile_hash = loader.manifest.state_check.profile_hash
    if LANDING in manifest.env_vars:
        manifest.env_vars[LANDING] = os.environ[LANDING]
    is_equal, _ = loader.is_partial_parsable(manifest)
    return manifest if is_equal else None


def _write(loader: ManifestLoader) -> None:
    from dbt.constants import PARTIAL_PARSE_FILE_NAME

    file = _file(loader)
    if not file.exists():
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as draft:
            shutil.copy(
                Path(loader.root_project.project_target_path, PARTIAL_PARSE_FILE_NAME), draft.name
            )
        Path(draft.name).replace(file)


def _file(loader: ManifestLoader) -> Path:
    """By all that what is read may depend on, so that dbt never mends what others read."""
    project, state = loader.root_project, loader.manifest.state_check
    said = (
        project.project_root,
        project.credentials.type,
        project.credentials.database,
        state.vars_hash.checksum,
        state.project_env_vars_hash.checksum,
        *sorted(f"{name} {each.checksum}" for name, each in state.project_hashes.items()),
        *(os.environ.get(name) for name in SETTINGS),
    )
    name = hashlib.sha256(repr(said).encode()).hexdigest()
    return Path(os.environ[FOLDER], f"{name}.msgpack")
