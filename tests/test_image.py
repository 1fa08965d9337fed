"""What the image takes along from a checkout in daily use: the product, no secret, no data."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tarfile
import tomllib
from pathlib import Path

import pytest
import yaml
from docker.utils.build import PatternMatcher, create_archive

ROOT = Path(__file__).resolve().parent.parent
SECRET = "s3cr3t-of-the-company"
# What lies in a checkout that somebody works with.
LEFT_BEHIND = (
    ".env", ".env.production", ".git/config", ".venv/lib/site-packages/x.py",
    ".venv-3.12/x.py", "company/company.yml", "company/stores.csv", "company/key.pem",
    "var/landing/shopify/orders/1.parquet", "var/warehouse/warehouse.duckdb",
    "var/warehouse/identity.key", "var/dbt/target/compiled/m.sql", "var/airflow/airflow.db",
    "backup.tar.gz", "notes.md", "people.csv", "service-account.json",
    "connectors/service-account.json", "connectors/shopify/.env", "connectors/ga4/key.json",
    "o2o/.env.local", "o2o/credentials.yml", "o2o/id_rsa",
    "o2o/__pycache__/cli.cpython-311.pyc", "dags/secrets.yml", "dags/local.env",
    "dbt_project/.user.yml", "dbt_project/logs/dbt.log", "dbt_project/target/manifest.json",
    "dbt_project/dev.duckdb", "dbt_project/dev.duckdb.wal", "dbt_project/seeds/backup.xlsx",
    "demo/world/world.duckdb", "demo/var/landing/1.parquet", "warehouse/tls.key",
    "expectations/gx/uncommitted/config_variables.json", "requirements/.netrc",
    "tests/fixtures.json",
)  # fmt: skip


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files that COPY . . takes from such a checkout, by name, as Docker's own client packs it.
    Its walk does not go where Docker's goes, so its matcher is asked for each file."""
    checkout = tmp_path_factory.mktemp("checkout")
    for name in tracked():
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, checkout / name)
    for name in LEFT_BEHIND:
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text(SECRET)
    lines = (checkout / ".dockerignore").read_text().splitlines()
    rules = PatternMatcher([line for line in lines if line and not line.startswith("#")])
    names = (str(f.relative_to(checkout)) for f in checkout.rglob("*") if f.is_file())
    packed = create_archive(str(checkout), sorted(n for n in names if not rules.matches(n)))
    with tarfile.open(fileobj=io.BytesIO(packed.read())) as context:
        return {m.name: context.extractfile(m).read() for m in context.getmembers()}  # type: ignore[union-attr]


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).exists()]


def test_it_holds_no_secret_and_no_data(image: dict[str, bytes]) -> None:
    assert [name for name, content in image.items() if SECRET.encode() in content] == []
    assert image.keys() <= {*tracked()}


def test_it_holds_the_whole_product(image: dict[str, bytes]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    packages = [name.rstrip("*") for name in project["packages"]["find"]["include"]]
    folders = {*packages, "dags", "dbt_project", "requirements"}
    wanted = {
        name
        for name in tracked()
        if name.split("/")[0] in folders and not Path(name).name.startswith(".")
    }
    assert wanted
    assert wanted | {"pyproject.toml", "LICENSE"} <= image.keys()
    assert {name.split("/")[0] for name in image if "/" in name} == folders


def test_no_folder_that_is_left_out_is_opened() -> None:
    """Docker skips one only if no exception has a wildcard."""
    exceptions = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    assert exceptions
    assert [name for name in exceptions if re.search(r"[*?\[]", name)] == []


def test_the_company_is_mounted_where_it_is_looked_for() -> None:
    stack = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["x-airflow"]
    (mounted,) = (each for each in stack["volumes"] if "company" in str(each))
    assert (mounted["source"], mounted["read_only"]) == ("${O2O_COMPANY:-./company}", True)
    home = Path(stack["environment"]["O2O_HOME"])
    assert Path(mounted["target"]) == home.parent / "company"
    assert (
        stack["environment"]["O2O_COMPANY"] == ""
    )  # else .env would name the machine's own folder
