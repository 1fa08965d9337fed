"""The secret that personal identifiers are hashed with, and whether it is still the same.

With another one, every hash and so every person's id would be another: nobody would be known any
more, and nothing would say why. The warehouse holds identifiers beside their hashes
(``restricted.int_identity__observations``), so any row of it tells whether a key is the one.
"""

from __future__ import annotations

import hashlib
import os
import secrets

from o2o.errors import O2OError
from o2o.pipeline.paths import Paths
from warehouse.engines import spark
from warehouse.engines.warehouse import Reader
from warehouse.files import PRIVATE, write_atomically

NAME = "O2O_IDENTITY_KEY"
_OBSERVED = "int_identity__observations"


class IdentityKeyError(O2OError):
    """The key is missing, or is not the one of the warehouse; the message says what to do."""


def identity_key(paths: Paths) -> str:
    """The setting, or else the key that is made once and kept beside the warehouse.

    It must stay the same as long as hashes are to match. Where several machines build, set
    ``O2O_IDENTITY_KEY`` on all of them instead. Raises IdentityKeyError if the key is missing
    beside a warehouse that was built with one, or if it cannot lie there.
    """
    if given := os.environ.get(NAME):
        return given
    file = paths.warehouse.with_name("identity.key")
    if paths.engine == "spark" and spark.local_path(paths.spark_warehouse_url) is None:
        raise IdentityKeyError(
            f"The warehouse {paths.spark_warehouse_url} is not on this machine, so the key that"
            f" identifiers are hashed with must not be, either: set {NAME}, to the same"
            " secret wherever a build may run."
        )
    if not file.exists():
        if paths.warehouse.exists():
            raise IdentityKeyError(
                f"{file} is missing, the key that the identifiers in {paths.warehouse} are hashed"
                f" with. Put it back from a backup, or set {NAME}: with a new key everybody would"
                f" get a new id. If that is what you want, remove {paths.warehouse}, too."
            )
        write_atomically(file, secrets.token_hex(32), PRIVATE)
    return file.read_text()


def keyed_hash(key: str, value: str) -> str:
    """As the macro ``keyed_hash`` does it."""
    return hashlib.sha256(f"{key}|{value}".encode()).hexdigest()


def check(reader: Reader, key: str) -> None:
    """Raise IdentityKeyError unless the warehouse's identifiers were hashed with this key. One that
    has none yet takes any."""
    if _OBSERVED not in reader.tables("restricted"):
        return
    found = reader.query(
        f"select * from restricted.{_OBSERVED}"  # noqa: S608
        " where identifier_value is not null and identifier_hash is not null limit 1"
    ).to_pylist()
    for row in found:
        value = row["identifier_value"]
        if giver := row.get("id_connection"):  # an id means something with who gave it out
            value = hashlib.md5(f"{giver}|{value}".encode(), usedforsecurity=False).hexdigest()
        if keyed_hash(key, value) != row["identifier_hash"]:
            raise IdentityKeyError(
                "The identifiers in the warehouse were hashed with another key than this one: with"
                f" it everybody would get a new id. Set {NAME} to the key of before, or put back"
                " the file identity.key beside the warehouse. If new ids are what you want, build"
                " into an empty warehouse: remove the old one first."
            )
