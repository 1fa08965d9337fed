"""The demo's companies: each a folder beside this file, with the configuration that is its own.

They live in the same world. Which systems serve it, and where ads are placed, its connections say.
One that is called like a vertical has that trade instead of shops, and a system that writes files.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from connectors.connections import Connected, vendor
from connectors.core.errors import UnknownName, near
from demo import exports
from demo.vendors import vendors
from demo.world.campaigns import PLATFORMS
from demo.world.verticals import VERTICALS
from o2o.company import effective
from o2o.company.reading import read
from o2o.company.schema import checked

_FOLDER = Path(__file__).parent
NAMES = tuple(sorted(file.parent.name for file in _FOLDER.glob("*/company.yml")))
DEFAULT = "retailer"


@dataclass(frozen=True)
class Company:
    """One of them, by name; raises UnknownName, which lists those that exist."""

    name: str = DEFAULT

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            raise UnknownName(
                f"no company called {self.name!r}{near(self.name, NAMES)};"
                f" there are {', '.join(NAMES)}"
            )

    @property
    def folder(self) -> Path:
        """What O2O_COMPANY names."""
        return _FOLDER / self.name

    @cached_property
    def connections(self) -> tuple[str, ...]:
        """The names of its connections, in their order."""
        return tuple(checked(read(self.folder / "company.yml")).named)

    @property
    def simulated(self) -> tuple[str, ...]:
        """Those of its connections that a vendor's API serves."""
        served = {each.name for each in vendors()}
        return tuple(name for name in self.connections if vendor(name) in served)

    @property
    def system(self) -> exports.System | None:
        """The system that writes files for it, if it has one."""
        return exports.SYSTEMS.get(self.name)

    def placed(self, home: Path) -> Path:
        """What O2O_COMPANY names in a run in ``home``: a copy, where files are to lie beside it."""
        if not self.system:
            return self.folder
        return Path(shutil.copytree(self.folder, home / "company", dirs_exist_ok=True))

    def sources(self, folder: Path) -> Mapping[str, Connected]:
        """Its connections as its configuration in ``folder`` says."""
        return effective.load(folder).connections

    @property
    def platforms(self) -> tuple[str, ...]:
        """Where it advertises: the world has no ads whose costs nobody reads."""
        return tuple(name for name in PLATFORMS if name in self._vendors)

    @property
    def world(self) -> dict[str, Any]:
        """What its systems decide of the world, as ``demo.world.generate`` takes it."""
        used = (each for each in vendors() if each.name in self._vendors)
        return {
            "platforms": self.platforms,
            "has_web_shop_tills": any(each.has_web_shop_tills for each in used),
            "vertical": self.name if self.name in VERTICALS else "",
        }

    @property
    def _vendors(self) -> set[str]:
        return {vendor(name) for name in self.connections}
