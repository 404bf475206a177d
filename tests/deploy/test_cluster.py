"""What deploy/k8s holds is what Kubernetes and Dagster's own chart take, and workers that are pods do the work."""

import copy
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import kubernetes.client.models
import pytest
import yaml
from dagster._config import process_config
from dagster._core.instance.config import dagster_instance_config_schema
from dagster_k8s import K8sRunLauncher
from dagster_k8s.container_context import K8sContainerContext
from dagster_k8s.models import k8s_model_from_dict, k8s_snake_case_dict

from ingest import pipeline
from orchestration.assets.raw import places_of
from orchestration.machine import folders
from orchestration.reading_ahead import job_of_the_command
from orchestration.settings import Settings
from orchestration.variables import VARIABLES
from tests.conftest import PROJECT, SAMPLES
from tests.deploy import cluster
from tests.deploy.cluster import Cluster

K8S = PROJECT / "deploy" / "k8s"
FILES = ["dte/rcv_compra_202411.csv", "dte/rcv_compra_202412.csv", "presupuesto/ejecucion_2024_12_01.csv"]
# The values of the chart at their first level, and what it hands on of each part that is set here: its key in the
# values -> its key in Dagster's configuration. From the chart's templates, version 1.13.
CHART = {
    *("global", "dagsterWebserver", "dagster-user-deployments", "postgresql", "generatePostgresqlPasswordSecret"),
    *("runLauncher", "dagsterDaemon", "telemetry"),
}
LAUNCHER = {
    "imagePullPolicy": "image_pull_policy",
    "loadInclusterConfig": "load_incluster_config",
    "runK8sConfig": "run_k8s_config",
}
RUN_CONFIG = {
    "containerConfig": "container_config",
    "podSpecConfig": "pod_spec_config",
    "jobSpecConfig": "job_spec_config",
}
LOCATION = {"volumes": "volumes", "volumeMounts": "volume_mounts", "resources": "resources", "env": "env"}
COORDINATOR = {"maxConcurrentRuns": "max_concurrent_runs"}
# What the chart gives the code location's own pod.
POD = {"podSecurityContext": "V1PodSecurityContext", "securityContext": "V1SecurityContext"}
OTHER = {"name", "image", "dagsterApiGrpcArgs", "port", "includeConfigInLaunchedRuns", "envSecrets"}

Values = dict[str, Any]


@pytest.fixture
def values() -> Values:
    content: Values = yaml.safe_load((K8S / "values.yaml").read_text("utf-8"))
    return content


def handed_on(said: Values, names: dict[str, str]) -> Values:
    """What the chart writes of a part; KeyError where it knows no such key."""
    return {names[key]: value for key, value in said.items()}


def launcher(values: Values) -> Values:
    """The launcher's configuration in the instance file that the chart writes."""
    assert values["runLauncher"]["type"] == "K8sRunLauncher"
    said = dict(values["runLauncher"]["config"]["k8sRunLauncher"])
    said["runK8sConfig"] = handed_on(said["runK8sConfig"], RUN_CONFIG)
    return handed_on(said, LAUNCHER) | {
        "job_namespace": "bodega",
        "service_account_name": "bodega",
        "instance_config_map": "bodega-instance",
        "dagster_home": "/opt/dagster/dagster_home",
        "postgres_password_secret": values["global"]["postgresqlSecretName"],
    }


def location(values: Values) -> Values:
    """What the chart hands on from the code location to the runs that Dagster launches of it."""
    (deployment,) = values["dagster-user-deployments"]["deployments"]
    assert deployment["includeConfigInLaunchedRuns"]["enabled"]
    handed = handed_on({k: v for k, v in deployment.items() if k not in {*OTHER, *POD}}, LOCATION)
    secrets = [secret["name"] for secret in deployment["envSecrets"]]
    return {"k8s": handed | {"namespace": "bodega", "env_secrets": secrets}}


def model(kind: str, content: Values) -> Any:
    """An object as Kubernetes' own model of its kind takes it; raises where a field is unknown or misshapen."""
    of = getattr(kubernetes.client.models, kind)
    return k8s_model_from_dict(of, k8s_snake_case_dict(of, content))


def check(values: Values) -> None:
    """Raises where Dagster or Kubernetes would not take what the chart makes of the values."""
    assert values.keys() <= CHART
    config = launcher(values)
    takes = K8sRunLauncher.config_type()  # type: ignore[no-untyped-call]
    assert process_config(takes, config).success
    K8sContainerContext.create_from_config(location(values))
    container, pod = (config["run_k8s_config"][f"{part}_config"] for part in ("container", "pod_spec"))
    model("V1Container", container | {"name": "dagster"})
    model("V1PodSpec", pod | {"containers": [{"name": "dagster"}]})
    (deployment,) = values["dagster-user-deployments"]["deployments"]
    for part in (deployment, values["dagsterDaemon"], values["dagsterWebserver"]):
        for name, kind in POD.items():
            model(kind, part[name])
    for volume in deployment["volumes"]:
        model("V1Volume", volume)
    for mount in deployment["volumeMounts"]:
        model("V1VolumeMount", mount)
    for variable in deployment["env"]:
        model("V1EnvVar", variable)


def test_kubernetes_takes_every_manifest() -> None:
    documents = list(yaml.safe_load_all((K8S / "storage.yaml").read_text("utf-8")))
    for document in documents:
        assert model(f"V1{document['kind']}", document)
    (claim,) = [each for each in documents if each["kind"] == "PersistentVolumeClaim"]
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]


def test_dagster_and_kubernetes_take_what_the_chart_makes_of_the_values(values: Values) -> None:
    check(values)


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        ("runLauncher/config/k8sRunLauncher", "loadInclusterConfig", "perhaps"),
        ("runLauncher/config/k8sRunLauncher", "runK8sconfig", {}),
        ("runLauncher/config/k8sRunLauncher/runK8sConfig/containerConfig", "resource", {}),
        ("runLauncher/config/k8sRunLauncher/runK8sConfig/podSpecConfig", "securityContext", {"runAsNobody": True}),
        ("dagster-user-deployments/deployments/0", "volumeMount", []),
        ("dagster-user-deployments/deployments/0/volumeMounts/0", "mountpath", "/data"),
        ("dagster-user-deployments/deployments/0/volumes/0/persistentVolumeClaim", "claim", "bodega-data"),
        ("dagsterDaemon/securityContext", "privilegeEscalation", False),
        ("", "dagsterDeamon", {}),
    ],
)
def test_what_is_misspelt_is_not_taken(values: Values, place: str, name: str, value: object) -> None:
    # Anchors make several parts one object.
    wrong = copy.deepcopy(yaml.safe_load(yaml.safe_dump(values)))
    part: Any = wrong
    for step in filter(None, place.split("/")):
        part = part[int(step)] if step.isdigit() else part[step]
    part[name] = value
    with pytest.raises(Exception):  # noqa: B017, PT011
        check(wrong)


def test_one_run_at_a_time_has_the_warehouse(values: Values) -> None:
    coordinator = values["dagsterDaemon"]["runCoordinator"]
    config = handed_on(coordinator["config"]["queuedRunCoordinator"], COORDINATOR)
    assert config == {"max_concurrent_runs": 1}
    instance = {
        "run_coordinator": {"module": "dagster", "class": coordinator["type"], "config": config},
        "telemetry": values["telemetry"],
        "run_monitoring": {"enabled": True, "start_timeout_seconds": 600, "poll_interval_seconds": 120},
    }
    assert process_config(dagster_instance_config_schema(), instance).success


def test_every_setting_is_one_of_ours_and_lies_on_what_pods_share(
    values: Values, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {each["name"]: each["value"] for each in location(values)["k8s"]["env"]}
    assert given.keys() <= VARIABLES
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DAGSTER_HOME", launcher(values)["dagster_home"])
    settings = Settings.from_environment()
    shared = Path(location(values)["k8s"]["volume_mounts"][0]["mountPath"])
    places = (settings.exports, settings.corrections, settings.internal, settings.raw, settings.releases)
    assert all(place.is_relative_to(shared) for place in places)
    assert settings.on_cluster
    assert settings.workers == 8


def test_the_pod_s_own_instance_file_is_left_as_the_cluster_made_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    home.mkdir()
    for name, place in (("DAGSTER_HOME", "home"), ("WAREHOUSE_PATH", "i/b.duckdb"), ("RELEASES_DIR", "releases")):
        monkeypatch.setenv(name, str(tmp_path / place))
    monkeypatch.setenv("INGEST_EXECUTOR", "kubernetes")
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    (home / "dagster.yaml").chmod(0o444)
    folders.prepare(Settings.from_environment())
    assert (home / "dagster.yaml").stat().st_mode & 0o777 == 0o444
    (home / "dagster.yaml").unlink()
    folders.prepare(Settings.from_environment())
    assert list(home.iterdir()) == []


def test_the_image_holds_every_room_and_names_no_host(values: Values) -> None:
    lines = [line for line in (K8S / "Dockerfile").read_text("utf-8").splitlines() if not line.startswith("#")]
    (base,) = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert re.fullmatch(r"python:3\.1[12]-slim", base)
    copied = {name for line in lines if line.startswith("COPY ") for name in line.split()[1:-1]}
    assert all((PROJECT / name).exists() for name in copied)
    rooms = {place.parent.name for place in PROJECT.glob("*/__init__.py")} - {"bench", "tests"}
    assert {*rooms, "dbt_project", "constraints.txt", "pyproject.toml", "README.md"} <= copied
    number = re.search(r"--uid (\d+)", "".join(lines))
    assert number
    assert values["dagsterDaemon"]["podSecurityContext"]["runAsUser"] == int(number[1])
    assert values["dagsterDaemon"]["image"]["repository"] == "bodega"


@pytest.fixture
def settings(tmp_path: Path, values: Values, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Those that the values give, on a folder of this machine; two workers."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for each in location(on(tmp_path, values))["k8s"]["env"]:
        monkeypatch.setenv(each["name"], each["value"])
    made = Settings.from_environment(settle=0)
    for name in FILES:
        (made.exports / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SAMPLES / name, made.exports / name)
    made.raw.mkdir(parents=True)
    made.corrections.mkdir()
    return made


def on(folder: Path, values: Values) -> Values:
    """The values with a folder for the volume."""
    text = yaml.safe_dump(values).replace("/data/", f"{folder}/").replace("value: '8'", "value: '2'")
    moved: Values = yaml.safe_load(text)
    return moved


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[Cluster]:
    with cluster.running(tmp_path) as nodes:
        yield nodes


def read_ahead(tmp_path: Path, values: Values, nodes: Cluster) -> bool:
    """Runs the job as its run's own pod does, on an instance as the chart makes it."""
    home = tmp_path / "home"
    home.mkdir()
    reached = {"load_incluster_config": False, "kubeconfig_file": str(nodes.kubeconfig), "dagster_home": str(home)}
    config = {"module": "dagster_k8s", "class": "K8sRunLauncher", "config": launcher(values) | reached}
    job = dg.reconstructable(job_of_the_command)
    given = job.repository._replace(container_image="bodega:0.1.0", container_context=location(on(tmp_path, values)))
    run_config = {"ops": {"deal_out": {"config": {"worth": 0}}}}
    with dg.instance_for_test(temp_dir=str(home), overrides={"run_launcher": config}) as instance:
        return bool(dg.execute_job(job._replace(repository=given), instance, run_config=run_config).success)


def gathered(settings: Settings) -> tuple[list[str], dict[str, bytes]]:
    said: list[str] = []
    assert pipeline.run(places_of(settings), said.append).failures == {}
    return said, {str(p.relative_to(settings.raw)): p.read_bytes() for p in settings.raw.rglob("*.parquet")}


def test_workers_that_are_pods_read_all_that_the_main_job_gathers(
    tmp_path: Path, values: Values, settings: Settings, nodes: Cluster
) -> None:
    assert read_ahead(tmp_path, values, nodes)
    pods = nodes.pods("step_worker")
    assert len(pods) == 3
    for pod in pods:
        (container,) = pod["spec"]["containers"]
        assert container["image"] == "bodega:0.1.0"
        assert container["resources"]["limits"] == {"memory": "6Gi"}
        assert {"name": "data", "mountPath": "/data"} in container["volumeMounts"]
        assert {"secretRef": {"name": "bodega-settings"}} in container["envFrom"]
        assert pod["spec"]["securityContext"]["runAsUser"] == 10001
    said, raw = gathered(settings)
    assert said == []
    assert len(raw) > 10


def test_where_a_pod_dies_the_main_job_reads_what_it_had(
    tmp_path: Path, values: Values, settings: Settings, nodes: Cluster
) -> None:
    nodes.kill = "read_share[1]"
    assert not read_ahead(tmp_path, values, nodes)
    assert nodes.killed == 1
    said, _ = gathered(settings)
    assert said
    assert gathered(settings)[0] == []
