"""What ``pip install pinnace`` puts on the disk: the wheel and all that it needs, in an empty environment."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from measure import ROOT, Row, megabytes

from pinnace.testing.command import clean_environment

# In the environment itself: files of the packages that the named ones need, themselves included, by package.
CLOSURE = """
import importlib.metadata as metadata, json, re, sys
from packaging.requirements import Requirement

found = {}

def visit(name, extras):
    name = re.sub("[-_.]+", "-", name).lower()
    if name in found:
        return
    try:
        package = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return
    files = [file.locate() for file in package.files or () if ".pyc" not in file.name]
    found[name] = sum(file.stat().st_size for file in files if file.exists())
    for line in package.requires or ():
        requirement = Requirement(line)
        if any(not requirement.marker or requirement.marker.evaluate({"extra": extra}) for extra in extras):
            visit(requirement.name, ["", *requirement.extras])

visit(sys.argv[1], [""])
print(json.dumps(found))
"""


def installed_size() -> Iterator[Row]:
    """Sizes of files, in MB; without bytecode first, then with what pip compiles."""
    with tempfile.TemporaryDirectory() as scratch:
        python = _environment(Path(scratch))
        site = next((python.parent.parent / "lib").glob("python*/site-packages"))
        before = _bytes(site)
        _run(python, "-m", "pip", "install", "-qq", "--no-compile", _wheel(Path(scratch)))
        plain = _bytes(site) - before
        parts: dict[str, int] = json.loads(_run(python, "-c", CLOSURE, "pinnace"))
        kfp: dict[str, int] = json.loads(_run(python, "-c", CLOSURE, "kfp"))
        subprocess.run([python, "-m", "compileall", "-q", site], check=False, stdout=subprocess.DEVNULL)
        _run(python, "-m", "pip", "uninstall", "--quiet", "--yes", "pip")
        compiled = _bytes(site)
    yield Row("installed: all, without bytecode", [megabytes(plain)], "MB", "150")
    yield Row("installed: all, with bytecode", [megabytes(compiled)], "MB", "220")
    yield Row("installed: kfp and what it needs, without bytecode", [megabytes(sum(kfp.values()))], "MB")
    for name, size in sorted(parts.items(), key=lambda item: -item[1])[:8]:
        yield Row(f"installed: {name}", [megabytes(size)], "MB")
    yield Row("installed: pinnace itself", [megabytes(parts["pinnace"])], "MB")


def _environment(scratch: Path) -> Path:
    subprocess.run([sys.executable, "-m", "venv", scratch / "environment"], check=True)
    return scratch / "environment" / "bin" / "python"


def _wheel(scratch: Path) -> Path:
    subprocess.run([sys.executable, "-m", "uv", "build", "--wheel", "--quiet", "--out-dir", scratch, ROOT], check=True)
    return next(scratch.glob("*.whl"))


def _run(*words: str | Path) -> str:
    return subprocess.run(
        [*map(str, words)], env=clean_environment(), check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def _bytes(directory: Path) -> int:
    return sum(file.stat().st_size for file in directory.rglob("*") if file.is_file() and not file.is_symlink())
