"""The files in deploy/ that no test runs: they are well formed, and name only what there is."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from feedsvc.settings import ROLES, SECRETS, SETTINGS, environment_name
from feedsvc.web.readiness import HEALTH, READY
from support.docs import doc, named

KNOWN = {environment_name(name) for name in (*SETTINGS, *SECRETS)}
METRICS = named("docs/operations.md", "Metrics")
OBJECTS: list[dict[str, Any]] = list(yaml.safe_load_all(doc("deploy/kubernetes.yaml")))
PODS = {one["metadata"]["name"]: one["spec"]["template"]["spec"] for one in OBJECTS if one["kind"] == "Deployment"}


def test_every_machine_of_the_compose_file_has_settings_that_there_are() -> None:
    services = yaml.safe_load(doc("deploy/compose.yaml"))["services"]
    machines = {name: one["environment"] for name, one in services.items() if one.get("image") == "feedsvc"}
    assert sorted(one["FEEDSVC_ROLE"] for one in machines.values()) == ["builder", "web", "web"]
    for one in machines.values():
        assert one.keys() <= KNOWN and one["FEEDSVC_ROLE"] in ROLES
    served = set(re.findall(r"server (\S+):8000", doc("deploy/compose.yaml")))
    assert served == {name for name, one in machines.items() if one["FEEDSVC_ROLE"] == "web"}


@pytest.mark.parametrize("name", PODS)
def test_every_pod_has_flags_and_settings_that_there_are_and_may_write_only_its_volumes(name: str) -> None:
    (container,) = PODS[name]["containers"]
    assert container["args"][:2] == ["feedsvc", "serve"]
    assert {word[2:].replace("-", "_") for word in container["args"] if word.startswith("--")} <= SETTINGS.keys()
    assert {one["name"] for one in container["env"]} <= KNOWN
    assert container["securityContext"]["readOnlyRootFilesystem"] and PODS[name]["securityContext"]["runAsNonRoot"]
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in PODS[name]["volumes"]}


def test_a_pod_lives_as_long_as_it_answers_and_gets_readers_as_long_as_it_serves() -> None:
    (container,) = PODS["feedsvc-web"]["containers"]
    probes = {name: container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")}
    assert probes == {"startup": HEALTH, "liveness": HEALTH, "readiness": READY}


def test_selectors_find_the_pods_that_they_are_for() -> None:
    labels = [one["spec"]["template"]["metadata"]["labels"] for one in OBJECTS if one["kind"] == "Deployment"]
    for one in OBJECTS:
        selector = one.get("spec", {}).get("selector")
        if selector:
            wanted = selector.get("matchLabels", selector).items()
            assert sum(wanted <= found.items() for found in labels) == 1, one["metadata"]["name"]
    config = next(one for one in OBJECTS if one["kind"] == "ConfigMap")
    assert config["data"].keys() <= KNOWN


@pytest.mark.parametrize("name", ["alerts.yaml", "grafana.json"])
def test_alerts_and_dashboard_ask_for_metrics_that_there_are(name: str) -> None:
    text = doc(f"deploy/{name}")
    asked = {re.sub(r"_bucket$", "", found) for found in re.findall(r"feedsvc_\w+", text)}
    assert asked and asked <= METRICS


def test_the_dashboard_has_panels_that_do_not_overlap() -> None:
    places = [panel["gridPos"] for panel in json.loads(doc("deploy/grafana.json"))["panels"]]
    assert len({(one["x"], one["y"]) for one in places}) == len(places) >= 10
