"""Make a virtual environment and install Pinnace into it. Needs Python 3.11 or newer and nothing else.

uv installs, because it is fast; it is told what the user's pip configuration says (indexes, find-links,
certificates). Where uv cannot be had or fails, pip does it.

Usage: setup_venv.py DIRECTORY [--dev] [--latest]
    --dev     also what the tests and checks need
    --latest  the newest of every direct dependency, our own upper bounds ignored
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)

_SETTINGS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "no-index": "UV_NO_INDEX",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "constraint": "UV_CONSTRAINT",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
}
_COMMAS = {"UV_FIND_LINKS"}


def uv_settings(pip_config: str) -> dict[str, str]:
    """What ``pip config list`` prints, as environment variables of uv.

    A command's own section overrides the global one, and the environment overrides both, as in pip.
    """
    found: dict[tuple[int, str], str] = {}
    ranks = {"global": 0, "install": 1, ":env:": 2}
    for line in pip_config.splitlines():
        match = re.fullmatch(r"(global|install|:env:)\.([\w-]+)=('.*'|\".*\")", line.strip())
        if match and match[2] in _SETTINGS:
            found[ranks[match[1]], match[2]] = str(ast.literal_eval(match[3]))
    settings: dict[str, str] = {}
    for (_, key), value in sorted(found.items()):
        name = _SETTINGS[key]
        settings[name] = ("," if name in _COMMAS else " ").join(value.split())
    return settings


def requirements(pyproject: Path, *, dev: bool, bounded: bool) -> list[str]:
    """The direct dependencies of the project, without their upper bounds when not *bounded*."""
    import tomllib  # Not in the Pythons that main() refuses with a sentence.

    document = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    wanted = list(document["project"]["dependencies"])
    if dev:
        wanted += document["dependency-groups"]["dev"]
    return wanted if bounded else [_without_upper_bound(requirement) for requirement in wanted]


def _without_upper_bound(requirement: str) -> str:
    package, marker, condition = requirement.partition(";")
    name = re.match(r"[\w.-]+(\[[\w,.-]+\])?", package)
    lower = re.search(r">=\s*[\w.]+", package)
    if name is None:
        raise SystemExit(f"pyproject.toml: cannot read the requirement {requirement!r}")
    return name[0] + (lower[0] if lower else "") + marker + condition


def _fail(message: str) -> None:
    sys.stdout.flush()
    raise SystemExit(f"\n{message}")


def _create(directory: Path) -> Path:
    python = directory / "bin" / "python"
    works = (
        python.exists()
        and subprocess.run([python, "-m", "pip", "--version"], check=False, capture_output=True).returncode == 0
    )
    if not works:
        print(f"Creating {directory} with Python {sys.version.split()[0]}", flush=True)
        try:
            venv.create(directory, with_pip=True, clear=True, symlinks=True)
        except (subprocess.CalledProcessError, OSError):
            _fail(
                "This Python cannot create a virtual environment with pip. On Debian and Ubuntu install the package "
                "python3-venv, or name another Python: make PYTHON=/path/to/python3.12 …"
            )
    return python


def _install(python: Path, arguments: list[str], environment: Mapping[str, str]) -> None:
    uv: list[str | Path] = [
        python,
        "-m",
        "uv",
        "pip",
        "install",
        "--python",
        python,
        "--index-strategy",
        "unsafe-best-match",
        "--quiet",
    ]
    if subprocess.run([*uv, *arguments], check=False, cwd=ROOT, env=environment).returncode == 0:
        return
    print("uv could not install; trying pip", flush=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--upgrade", "pip"], check=False, cwd=ROOT)
    if subprocess.run([python, "-m", "pip", "install", "--quiet", *arguments], check=False, cwd=ROOT).returncode != 0:
        _fail(
            "Installing failed; the lines above say why. Behind a proxy or with an own index, configure pip as usual."
        )


def _browser() -> None:
    """Install Debian's Chromium for the tests of the dashboard, where there is none and we may."""
    if any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        print(
            "The tests of the dashboard need Chromium. On Debian and Ubuntu: sudo apt-get install chromium", flush=True
        )
        return
    print("Installing Chromium, which the tests of the dashboard need", flush=True)
    for command in (
        ["update", "-qq"],
        ["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-noto-cjk"],
    ):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        done = subprocess.run(
            ["apt-get", *command],
            check=False,
            capture_output=True,
            text=True,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode != 0:
            print(f"{done.stdout}{done.stderr}\nChromium could not be installed; the tests that need it will fail.")
            return


def main() -> None:
    """Create or update the environment."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--dev", action="store_true")
    parser.add_argument("--latest", action="store_true")
    options = parser.parse_args()
    if sys.version_info < OLDEST:
        _fail(
            f"Pinnace needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}. "
            "Name a newer one: make PYTHON=/path/to/python3.12 …"
        )
    python = _create(options.directory)
    print("Installing Pinnace" + (" and what the tests need" if options.dev else ""), flush=True)
    subprocess.run([python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "uv"], check=False, cwd=ROOT)
    listing = subprocess.run([python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    environment = uv_settings(listing.stdout) | dict(os.environ)
    wanted = requirements(ROOT / "pyproject.toml", dev=options.dev, bounded=not options.latest)
    if options.latest:
        _install(python, ["--upgrade", *wanted], environment)
        _install(python, ["--no-deps", "-e", "."], environment)
    else:
        _install(python, [*wanted, "-e", "."], environment)
    if options.dev:
        _browser()


if __name__ == "__main__":
    main()
