"""The documents agree with the program and with each other."""

import dataclasses
import importlib
import re
from pathlib import Path

import click
import pytest

from pinnace.cli.lazy import COMMANDS
from pinnace.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
REFERENCE = (ROOT / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
GUIDE = ROOT / "docs" / "guide"
TRANSLATIONS = sorted(GUIDE.glob("*.ko.md"))
EXPLAINED_ONCE = {"--data-dir", "--help"}


def code_blocks(path: Path) -> list[str]:
    return re.findall(r"^```.*?^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def outside_code(path: Path) -> str:
    return re.sub(r"^```.*?^```$|`[^`\n]*`", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def section(command: str) -> str:
    found = re.search(rf"^## pinnace {command}\b.*?(?=^## |\Z)", REFERENCE, re.MULTILINE | re.DOTALL)
    assert found is not None, f"docs/reference/command-line.md has no section on pinnace {command}"
    return found[0]


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_and_option_is_documented(name: str) -> None:
    place = COMMANDS[name]
    command = getattr(importlib.import_module(place.module), place.attribute)
    assert isinstance(command, click.Command)
    parts = list(command.commands.values()) if isinstance(command, click.Group) else [command]
    params = [param for part in parts for param in part.params]
    options = [option for option in params if isinstance(option, click.Option) and not option.hidden]
    spellings = {word for option in options for word in [*option.opts, *option.secondary_opts]} - EXPLAINED_ONCE
    assert {word for word in spellings if f"`{word}`" not in section(name)} == set()
    documented = set(re.findall(r"`(--?[a-z][a-z-]*)`", section(name)))
    assert documented - spellings - EXPLAINED_ONCE == set()


@pytest.mark.parametrize("name", list(COMMANDS))
def test_the_list_of_commands_says_what_their_help_says(name: str) -> None:
    place = COMMANDS[name]
    command = getattr(importlib.import_module(place.module), place.attribute)
    first_sentence = (command.help or "").split("\n")[0]
    assert first_sentence.startswith(place.summary.removesuffix("."))


def test_every_setting_is_documented() -> None:
    fields = {field.name for field in dataclasses.fields(Settings)}
    documented = set(re.findall(r"^\| `(\w+)` \|", REFERENCE, re.MULTILINE))
    assert fields == documented


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", outside_code(path))
    local = [target.partition("#")[0] for target in targets if not re.match(r"https?:|mailto:|#", target)]
    assert [target for target in local if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", TRANSLATIONS, ids=lambda path: path.name)
def test_translations_hold_the_same_code_and_structure(path: Path) -> None:
    original = path.with_name(path.name.replace(".ko.md", ".md"))
    assert code_blocks(path) == code_blocks(original)
    assert [len(mark) for mark in re.findall(r"^(#+) ", outside_code(path), re.MULTILINE)] == [
        len(mark) for mark in re.findall(r"^(#+) ", outside_code(original), re.MULTILINE)
    ]


def test_every_guide_is_there_in_korean() -> None:
    english = {path.name for path in GUIDE.glob("*.md")} - {path.name for path in TRANSLATIONS}
    assert {path.name.replace(".ko.md", ".md") for path in TRANSLATIONS} == english


def test_documents_name_commands_that_exist() -> None:
    shown = {
        word
        for path in DOCUMENTS
        for word in re.findall(r"(?:^|`|\$ |bin/)pinnace ([a-z]+)\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert shown - set(COMMANDS) == set()
