"""deploy/kubernetes/values.yaml, without a cluster: what it says, and its hook on a real pod."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
VALUES = yaml.safe_load((ROOT / "deploy" / "kubernetes" / "values.yaml").read_text())
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_runs_the_image_and_the_airflow_of_this_project() -> None:
    name, tag = COMPOSE["services"]["scheduler"]["image"].split(":")
    image = VALUES["images"]["airflow"]
    assert (image["repository"].split("/")[-1], image["tag"]) == (name, tag)
    airflow = re.search(
        r"^apache-airflow==(\S+)", (ROOT / "requirements/base.txt").read_text(), re.M
    )
    assert airflow is not None
    assert VALUES["airflowVersion"] == airflow[1]


def test_the_dags_are_those_of_the_image() -> None:
    stack = COMPOSE["services"]["scheduler"]["environment"]
    assert VALUES["config"]["core"]["dags_folder"] == stack["AIRFLOW__CORE__DAGS_FOLDER"]


def test_the_pool_of_the_warehouse_is_made() -> None:
    (script,) = VALUES["migrateDatabaseJob"]["args"][2:]
    assert "airflow pools set warehouse 1" in script


def test_landing_and_logs_are_on_an_object_store() -> None:
    settings = {entry["name"]: entry["value"] for entry in VALUES["env"]}
    assert settings["O2O_LANDING_URL"].startswith("s3://")
    assert VALUES["config"]["logging"]["remote_base_log_folder"].startswith("s3://")


def test_the_company_is_mounted_where_it_is_looked_for() -> None:
    (home,) = (Path(entry["value"]) for entry in VALUES["env"] if entry["name"] == "O2O_HOME")
    (volume,), (mount,) = VALUES["volumes"], VALUES["volumeMounts"]
    assert (mount["name"], mount["readOnly"]) == (volume["name"], True)
    assert Path(mount["mountPath"]) == home.parent / "company"
    assert volume["configMap"]["optional"], "as shipped, where a company says nothing"


def test_holds_no_secret() -> None:
    for section in ("data", "env"):
        assert not re.search(r"pass|token|CONN_", str(VALUES[section]))
    assert {"apiSecretKeySecretName", "jwtSecretName", "fernetKeySecretName"} <= VALUES.keys()


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("dag_id", "has_warehouse"),
    [("transform", True), ("publish", True), ("ingest__shopify", False)],
)
def test_only_pods_that_open_the_warehouse_have_its_volume(
    dag_id: str, has_warehouse: bool
) -> None:
    from airflow.providers.cncf.kubernetes import pod_generator as generator
    from kubernetes.client import models as k8s

    base = generator.PodGenerator.deserialize_model_dict(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "placeholder-name"},
            "spec": {
                "containers": [
                    {"name": "base", "volumeMounts": [{"name": "logs", "mountPath": "/logs"}]}
                ],
                "volumes": [{"name": "logs", "emptyDir": {}}],
            },
        }
    )
    pod = generator.PodGenerator.construct_pod(
        dag_id=dag_id, task_id="any", pod_id="any", try_number=1, kube_image="image", date=None,
        args=["true"], pod_override_object=None, base_worker_pod=base, namespace="default",
        scheduler_job_id="1", run_id="run",
    )  # fmt: skip
    hook: dict[str, Any] = {}
    exec(VALUES["airflowLocalSettings"], hook)
    hook["pod_mutation_hook"](pod)

    (task,) = pod.spec.containers
    mounts = {mount.name: mount.mount_path for mount in task.volume_mounts}
    home = next(entry["value"] for entry in VALUES["env"] if entry["name"] == "O2O_HOME")
    assert mounts == {"logs": "/logs", **({"warehouse": home} if has_warehouse else {})}
    claims = [volume.persistent_volume_claim for volume in pod.spec.volumes]
    assert any(isinstance(c, k8s.V1PersistentVolumeClaimVolumeSource) for c in claims) is (
        has_warehouse
    )
