"""The rules of the layout that a tool can check. Why they stand: ARCHITECTURE.md."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "pinnace"
FILES = sorted(path for path in SOURCE.rglob("*.py") if "versions" not in path.parts)
PURE = {"engine", "ir", "domain", "errors"}
IMPURE = {
    "asyncio", "datetime", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil",
    "signal", "socket", "subprocess", "sys", "tempfile", "threading", "time", "urllib",
}  # fmt: skip
HOMES = {
    "alembic": {"store"},
    "click": {"cli"},
    "cronsim": {"services"},
    "fastapi": {"api", "bootstrap"},
    "fsspec": {"artifacts"},
    "google": set[str](),
    "kfp": set[str](),
    "kfp_server_api": set[str](),
    "opentelemetry": {"telemetry"},
    "prometheus_client": {"telemetry"},
    "psycopg": {"store"},
    "pydantic": {"api"},
    "rich": {"cli"},
    "sqlalchemy": {"store"},
    "starlette": {"api"},
    "uv": {"environments"},
    "uvicorn": {"bootstrap"},
}
RUN_BY_THE_USERS_PYTHON = {SOURCE / "cli" / "compile_script.py"}
MAY_BE_ASYNC = {"orchestrator", "executors", "api", "bootstrap", "testing", "environments", "ports", "scheduler"}
MAX_FILE = 400
MAX_FUNCTION = 60


def layer(path: Path) -> str:
    """The package, or the module beside the packages, that a file belongs to."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and full name of every module that is imported anywhere below *node*."""
    for child in ast.walk(node):
        if isinstance(child, ast.Import):
            yield from ((child.lineno, alias.name) for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module:
            yield child.lineno, child.module


def functions(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (child for child in ast.walk(node) if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef))


def show(path: Path, line: int, what: str) -> str:
    return f"{path.relative_to(ROOT)}:{line} {what}"


def test_imports_point_down() -> None:
    checked = subprocess.run(
        [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_package_has_a_layer() -> None:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    listed = {name.strip() for line in contract["layers"] for name in line.split("|")}
    found = {layer(path) for path in FILES} - {"__init__"}
    assert found <= listed
    assert contract["exhaustive"]
    assert "ignore_imports" not in contract


def test_own_modules_are_imported_at_the_top() -> None:
    late = [
        show(path, line, name)
        for path in FILES
        for function in functions(tree(path))
        for line, name in imports(function)
        if name.partition(".")[0] == "pinnace"
    ]
    assert late == []


def test_no_imports_for_types_only() -> None:
    assert [str(path) for path in FILES if "TYPE_CHECKING" in path.read_text(encoding="utf-8")] == []


def test_the_core_is_pure() -> None:
    found = [
        show(path, line, name)
        for path in FILES
        if layer(path) in PURE
        for line, name in imports(tree(path))
        if name.partition(".")[0] in IMPURE or name == "concurrent.futures"
    ]
    found += [
        show(path, node.lineno, "uuid4")
        for path in FILES
        if layer(path) in PURE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute | ast.Name) and "uuid4" in ast.dump(node)
    ]
    assert found == []


def test_each_library_has_one_home() -> None:
    strays = [
        show(path, line, name)
        for path in FILES
        if path not in RUN_BY_THE_USERS_PYTHON
        for line, name in imports(tree(path))
        if layer(path) not in HOMES.get(name.partition(".")[0], {layer(path)})
    ]
    assert strays == []


def test_the_launcher_needs_the_standard_library_only() -> None:
    foreign = [
        show(path, line, name)
        for path in FILES
        if layer(path) == "launcher"
        for line, name in imports(tree(path))
        if name.partition(".")[0] not in sys.stdlib_module_names and not name.startswith("pinnace.launcher")
    ]
    assert foreign == []


def test_async_is_a_ring() -> None:
    found = [
        show(path, node.lineno, "async")
        for path in FILES
        if layer(path) not in MAY_BE_ASYNC
        for node in ast.walk(tree(path))
        if isinstance(node, ast.AsyncFunctionDef | ast.AsyncFor | ast.AsyncWith | ast.Await)
    ]
    assert found == []


def test_modules_are_named_for_what_they_do() -> None:
    vague = {"utils", "util", "common", "helpers", "helper", "misc"}
    named = {part.removesuffix(".py") for path in FILES for part in path.relative_to(SOURCE).parts}
    assert named & vague == set()


@pytest.mark.parametrize("root", ["src", "tests", "tools", "examples"])
def test_files_and_functions_fit_a_reader(root: str) -> None:
    long = []
    for path in sorted((ROOT / root).rglob("*.py")):
        length = len(path.read_text(encoding="utf-8").splitlines())
        if length > MAX_FILE:
            long.append(show(path, length, "the file is too long"))
        long += [
            show(path, function.lineno, f"{function.name} is too long")
            for function in functions(tree(path))
            if (function.end_lineno or function.lineno) - function.lineno + 1 > MAX_FUNCTION
        ]
    assert long == []


def test_packages_are_not_empty() -> None:
    empty = [
        str(directory.relative_to(ROOT))
        for directory in SOURCE.iterdir()
        if directory.is_dir() and directory.name != "__pycache__" and not any(directory.rglob("*.py"))
    ]
    assert empty == []
