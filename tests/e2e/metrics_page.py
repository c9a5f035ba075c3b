"""The metrics of a server, as Prometheus reads them."""

import urllib.request
from collections.abc import Callable, Mapping

from prometheus_client.parser import text_string_to_metric_families

from pinnace.cli.server_file import ServerRecord

Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


def samples(server: ServerRecord) -> Samples:
    """Every value, by name and labels."""
    request = urllib.request.Request(f"{server.address}/metrics", headers={"Authorization": f"Bearer {server.token}"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        page = answer.read().decode()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def metrics(server: ServerRecord) -> Callable[..., float]:
    """Tells the value of a metric with exactly these labels; 0 for none."""
    found = samples(server)
    return lambda name, **labels: found.get((name, frozenset(labels.items())), 0.0)
