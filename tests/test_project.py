"""The files around the code: the compose stack, the locked requirements, the documentation."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from o2o.pipeline.paths import Paths

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
CELERY = yaml.safe_load((ROOT / "docker-compose.celery.yml").read_text())
WORKERS = {name: s for name, s in CELERY["services"].items() if "worker" in name}
ALL_SERVICES = {
    **COMPOSE["services"],
    "redis": CELERY["services"]["redis"],
    **{name: {**COMPOSE["services"]["scheduler"], **own} for name, own in WORKERS.items()},
}


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


class TestCompose:
    def test_has_every_part_of_airflow_and_its_database(self) -> None:
        assert {"postgres", "api-server", "scheduler", "dag-processor"} <= COMPOSE[
            "services"
        ].keys()

    @pytest.mark.parametrize("name", COMPOSE["services"])
    def test_service_is_well_formed(self, name: str) -> None:
        service = COMPOSE["services"][name]
        known = {
            "build", "command", "depends_on", "deploy", "env_file", "environment", "healthcheck",
            "image", "logging", "ports", "profiles", "restart", "volumes",
        }  # fmt: skip
        assert service.keys() <= known
        assert re.fullmatch(r"[\w./-]+:[\w.-]*\d[\w.-]*", service["image"]), "pin the image"
        assert service.get("depends_on", {}).keys() <= COMPOSE["services"].keys()
        for volume in service.get("volumes", []):
            if isinstance(volume, str):
                assert volume.split(":")[0] in COMPOSE["volumes"]
            else:  # of the machine: a setting names it, nothing is made up if it is missing
                assert re.fullmatch(r"\$\{O2O_[A-Z]+:-\./\w+\}(/\w+)?", volume["source"])
                assert volume["bind"] == {"create_host_path": False}

    @pytest.mark.parametrize("name", COMPOSE["services"])
    def test_ports_open_on_loopback_unless_somebody_says_otherwise(self, name: str) -> None:
        for port in COMPOSE["services"][name].get("ports", []):
            assert re.fullmatch(r"\$\{O2O_BIND:-127\.0\.0\.1\}:\$\{O2O_\w+:-\d+\}:\d+", port)

    @pytest.mark.parametrize("service", [*ALL_SERVICES.values()], ids=[*ALL_SERVICES])
    def test_what_runs_on_is_watched_bounded_and_rotates_its_log(
        self, service: dict[str, Any]
    ) -> None:
        assert re.fullmatch(
            r"\d+[mg]|\$\{O2O_MEMORY:-\d+g\}", service["deploy"]["resources"]["limits"]["memory"]
        )
        assert service["logging"]["options"]["max-size"]
        if service["restart"] != "no":
            assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
            assert service["restart"] == "unless-stopped"

    def test_the_report_and_the_publication_are_where_the_web_service_looks(self) -> None:
        written = {
            v["target"]: v["source"]
            for v in COMPOSE["services"]["scheduler"]["volumes"]
            if isinstance(v, dict) and not v.get("read_only")
        }
        (served,) = COMPOSE["services"]["reports"]["volumes"]
        home = Path(COMPOSE["services"]["scheduler"]["environment"]["O2O_HOME"])
        paths = Paths(home, "x")
        for folder in (paths.reports, paths.published.parent):
            assert written.pop(str(folder)) == f"{served['source']}/{folder.name}"
        assert written == {}
        assert served["read_only"]
        command = COMPOSE["services"]["reports"]["command"]
        assert command[command.index("--directory") + 1] == served["target"]

    def test_redis_has_a_password_that_no_list_of_processes_shows(self) -> None:
        redis = CELERY["services"]["redis"]
        assert "REDIS_PASSWORD:?" in redis["environment"]["REDIS_PASSWORD"]
        assert "redis://:${REDIS_PASSWORD:?" in CELERY["x-celery"]["AIRFLOW__CELERY__BROKER_URL"]
        assert "ports" not in redis

    def test_built_image_pins_its_base_and_copies_what_exists(self) -> None:
        recipe = COMPOSE["services"]["scheduler"]["build"]["dockerfile_inline"]
        assert re.search(r"^FROM [\w/]+:[\d.]+-", recipe, re.MULTILINE)
        copied = re.findall(r"^COPY (\S+)", recipe, re.MULTILINE)
        assert copied
        assert all(list(ROOT.glob(name)) for name in copied if name != ".")

    def test_every_variable_is_in_the_example_settings(self) -> None:
        text = "".join(file.read_text() for file in ROOT.glob("docker-compose*.yml"))
        example = (ROOT / ".env.example").read_text()
        used = set(re.findall(r"\$\{(\w+)", text))
        assert used
        for name in used:
            assert re.search(rf"^#? ?{name}=", example, re.MULTILINE), name


class TestRequirements:
    def test_everything_is_pinned_and_hashed_without_an_address(self) -> None:
        for name, least in (("base", 100), ("spark", 4), ("executors", 10), ("peers", 10)):
            locked = (ROOT / f"requirements/{name}.txt").read_text()
            pins = re.findall(r"^[a-z0-9].*", locked, re.MULTILINE)
            assert len(pins) >= least
            assert all(re.match(r"[\w.\[\],-]+==[\w.!+]+( ; .*)? \\$", pin) for pin in pins)
            assert locked.count("--hash=sha256:") >= len(pins)
            assert "://" not in locked

    def test_every_direct_dependency_is_imported_somewhere(self) -> None:
        """None unused; the exceptions are tools and plug-ins, each named with its reason."""
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        extras = project["optional-dependencies"]
        named = [*project["dependencies"]]
        named += [
            name for extra in ("demo", "stack", "spark", "executors") for name in extras[extra]
        ]
        not_imported = {
            "asyncpg": "Airflow's driver for its metadata on Postgres",
            "psycopg2-binary": "the same, for migrations",
            "dbt-duckdb": "dbt finds it by the profile",
            "dbt-spark": "the same",
            "apache-airflow-providers-amazon": "Airflow finds it by its settings",
            "apache-airflow-providers-celery": "the same",
            "apache-airflow-providers-cncf-kubernetes": "the same",
            "celery": "held below what the provider cannot take",
        }
        import_names = {
            "apache-airflow": "airflow", "dbt-core": "dbt", "duckdb-engine": "duckdb_engine",
            "great-expectations": "great_expectations", "pyjwt": "jwt", "pyyaml": "yaml",
            "vl-convert-python": "vl_convert",
        }  # fmt: skip
        code = "\n".join(
            path.read_text()
            for path in tracked_files()
            if path.suffix == ".py" and "tests" not in path.relative_to(ROOT).parts
        )
        for requirement in named:
            name = re.split(r"[\[<>=~ ]", requirement)[0]
            module = import_names.get(name, name)
            if name not in not_imported:
                assert re.search(rf"^\s*(import|from) {module}\b", code, re.MULTILINE), name


class TestDocs:
    def test_links_between_the_pages_lead_somewhere(self) -> None:
        pages = [p for p in tracked_files() if p.suffix == ".md"]
        assert pages
        for page in pages:
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
                assert (page.parent / target).exists(), f"{page.name} links to {target}"

    def test_every_heading_that_a_link_names_is_there(self) -> None:
        for page in (p for p in tracked_files() if p.suffix == ".md"):
            for target, name in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text()):
                text = (page.parent / target if target else page).read_text()
                headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
                anchors = {
                    re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings
                }
                assert name in anchors, f"{page.name} links to {target}#{name}"

    def test_every_test_that_a_page_names_is_there(self) -> None:
        files = [p for p in tracked_files() if p.suffix == ".py" and "tests" in p.parts]
        there = {p.stem for p in files}
        there.update(*(re.findall(r"def (test_\w+)", p.read_text()) for p in files))
        for page in (*(ROOT / "docs").glob("*.md"), *(ROOT / "connectors").glob("*/README.md")):
            named = re.findall(r"`(?:tests/[\w/]+\.py::)?(test_\w+)", page.read_text())
            assert {*named} <= there, page

    def test_the_readme_maps_every_folder_and_no_other(self) -> None:
        folders = {p.relative_to(ROOT).parts[0] for p in tracked_files() if p.parent != ROOT}
        section = (ROOT / "README.md").read_text().split("## The folders\n")[1].split("\n## ")[0]
        mapped = re.findall(r"^\| `([^`]+)/` \|", section, re.MULTILINE)
        assert sorted(mapped) == sorted(folders)

    def test_the_index_lists_every_page_once(self) -> None:
        pages = {p.name for p in tracked_files() if p.parent == ROOT / "docs"} - {"README.md"}
        index = (ROOT / "docs" / "README.md").read_text()
        assert sorted(re.findall(r"^- \[[^]]+\]\(([^)]+)\):", index, re.MULTILINE)) == sorted(pages)

    def test_the_layers_are_those_that_are_checked(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())
        (rule,) = (r for r in project["tool"]["importlinter"]["contracts"] if r["id"] == "layers")
        told = "```\n" + "\n".join(rule["layers"]) + "\n```"
        assert told in (ROOT / "docs" / "architecture.md").read_text()

    def test_every_setting_the_code_reads_is_documented(self) -> None:
        code = "\n".join(
            p.read_text() for p in tracked_files() if p.suffix in (".py", ".yml") and p.exists()
        )
        documented = (ROOT / "docs" / "operations.md").read_text()
        settings = set(re.findall(r"""["'](O2O_[A-Z_]+)["']""", code))
        assert "O2O_HOME" in settings
        for name in settings:
            assert f"`{name}`" in documented, f"describe {name} in docs/operations.md"
