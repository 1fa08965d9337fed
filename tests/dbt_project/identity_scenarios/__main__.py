"""What of the identity scenarios is wrong, in a few lines each."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.dbt_project.identity_scenarios.built import Built, scenarios


def main() -> int:
    parser = argparse.ArgumentParser(prog="identity_scenarios", description=__doc__)
    parser.add_argument("--only", metavar="WORD", help="scenarios with this word in file or title")
    parser.add_argument(
        "--home", type=Path, help="folder to build in and to keep: what dbt has parsed stays there"
    )
    parser.add_argument(
        "--erasures", action="store_true", help="see also what an erasure of each person would list"
    )
    arguments = parser.parse_args()
    wanted = (arguments.only or "").lower()
    found = [scenario for scenario in scenarios() if wanted in scenario.id.lower()]
    if not found:
        parser.error(f"no scenario has {arguments.only} in its title")
    with tempfile.TemporaryDirectory(prefix="o2o-scenarios-") as folder:
        built = Built(arguments.home or Path(folder), found)
        wrong = 0
        for scenario in (*built.scenarios, built.crowd):
            faults = built.faults(scenario)
            if arguments.erasures and scenario is not built.crowd:
                faults += built.erasures[scenario.number]
            if faults:
                wrong += 1
                print(scenario.title, *faults, sep="\n    ", end="\n\n")
        for span in built.spanning():
            print(f"two scenarios in one person: {span}")
        print(f"{wrong} of {len(found)} scenarios are wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
