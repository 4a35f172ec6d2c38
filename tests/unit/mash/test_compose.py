"""docker-compose.yml, its secrets and its versions agree with the rest."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from mash.compose_settings import compose_settings
from mash.services import SERVICES
from services.deadlines import settings as deadlines_settings
from services.notify.settings import NotifySettings
from services.triage.settings import TriageSettings
from shared.service import CommonSettings
from shared.settings import Environment
from tests.support.kafka_process import kafka_version

ROOT = Path(__file__).resolve().parents[3]
COMPOSE = (ROOT / "docker-compose.yml").read_text()


def test_every_secret_that_is_asked_for_is_generated() -> None:
    assert set(re.findall(r"\$\{(\w+):\?", COMPOSE)) == set(compose_settings())


def test_no_two_secrets_are_the_same() -> None:
    values = list(compose_settings().values())
    assert len(set(values)) == len(values)


def test_the_broker_is_the_one_the_tests_run_against() -> None:
    assert yaml.safe_load(COMPOSE)["services"]["kafka"]["image"] == f"apache/kafka:{kafka_version()}"


def test_each_service_has_an_api_and_a_worker_started_by_the_same_command_as_everywhere() -> None:
    services = yaml.safe_load(COMPOSE)["services"]
    for service in SERVICES:
        for kind, port in (("api", service.port), ("worker", service.worker_port)):
            part = services[f"{service.name}-{kind}"]
            assert part["command"] == ["python", "-m", f"services.{service.name}", kind]
            assert part["healthcheck"]["test"][-1] == str(port)
            assert part["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_only_the_apis_are_reachable_from_the_machine_and_only_on_loopback() -> None:
    parts = yaml.safe_load(COMPOSE)["services"].values()
    ports = [port for part in parts if "profiles" not in part for port in part.get("ports", [])]
    assert sorted(ports) == [f"127.0.0.1:{service.port}:{service.port}" for service in SERVICES]
    tools = [port for part in parts if "profiles" in part for port in part.get("ports", [])]
    assert tools
    assert all(port.startswith("127.0.0.1:") for port in tools)


def test_prometheus_scrapes_every_process_under_its_services_name() -> None:
    settings = yaml.safe_load((ROOT / "ops" / "prometheus" / "prometheus.yml").read_text())
    scraped = {job["job_name"]: job["static_configs"][0]["targets"] for job in settings["scrape_configs"]}
    assert scraped == {
        f"mash-{service.name}": [
            f"{service.name}-api:{service.port}",
            f"{service.name}-worker:{service.worker_port}",
        ]
        for service in SERVICES
    }


READ: dict[str, Callable[[Environment], object]] = {
    "intake": lambda env: CommonSettings.read(env, "intake"),
    "triage": TriageSettings.read,
    "deadlines": deadlines_settings.read_settings,
    "notify": NotifySettings.read,
}


@pytest.mark.parametrize("service", READ)
@pytest.mark.parametrize("kind", ["api", "worker"])
def test_each_process_finds_every_setting_it_needs(service: str, kind: str, tmp_path: Path) -> None:
    asked = yaml.safe_load(COMPOSE)["services"][f"{service}-{kind}"]["environment"]
    given = {name: _filled(str(value)) for name, value in asked.items()}
    env = Environment(given | ({"MASH_MAILBOX_DIR": str(tmp_path)} if service == "notify" else {}))
    READ[service](env)
    common = CommonSettings.read(env, service)
    assert common.bus == "kafka"
    assert common.database_url.endswith(f"@postgres/mash_{service}")


def _filled(value: str) -> str:
    """As docker compose fills it in with the settings that `make up` generates."""
    generated = compose_settings()
    value = re.sub(r"\$\{(\w+):\?\}", lambda found: generated[found[1]], value)
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)
