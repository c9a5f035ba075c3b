"""The metrics of a server, as Prometheus reads them."""

import urllib.request
from collections.abc import Callable

from prometheus_client.parser import text_string_to_metric_families

from pinnace.cli.server_file import ServerRecord


def metrics(server: ServerRecord) -> Callable[..., float]:
    """Tells the value of a metric with exactly these labels; 0 for none."""
    request = urllib.request.Request(f"{server.address}/metrics", headers={"Authorization": f"Bearer {server.token}"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        page = answer.read().decode()
    samples = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }
    return lambda name, **labels: samples.get((name, frozenset(labels.items())), 0.0)
