"""Contract of the store for what plugins are told and tell."""

from dataclasses import replace

from pinnace.domain.plugins import PluginEntry, PluginOutput, PluginState
from pinnace.domain.values import JsonObject
from pinnace.ports.store import Store
from pinnace.testing.records import a_recurring_run, a_run

TOLD: dict[str, JsonObject] = {
    "mlflow": {"experiment_name": "ä"},
    "other": {"$value": [1, None, {"deep": "\x00 escaped"}]},
}


def test_what_plugins_are_told_and_tell_comes_back(store: Store) -> None:
    output = PluginOutput(
        {"url": PluginEntry("https://x/1", is_link=True), "n": PluginEntry(1.5)}, PluginState.FAILED, "no"
    )
    run = replace(a_run("r"), plugins_input=TOLD, plugins_output={"mlflow": output})
    recurring = replace(a_recurring_run("s"), plugins_input=TOLD)
    with store.write() as unit:
        unit.runs.add(run)
        unit.runs.add(a_run("plain"))
        unit.schedules.add(recurring)
    with store.read() as unit:
        found, plain = unit.runs.get(run.id), unit.runs.get(a_run("plain").id)
        assert unit.schedules.get(recurring.id).plugins_input == TOLD
    assert (found.plugins_input, found.plugins_output) == (TOLD, {"mlflow": output})
    assert (plain.plugins_input, plain.plugins_output) == ({}, {})
