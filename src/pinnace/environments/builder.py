"""How an environment is built: in a draft, which nobody uses."""

import asyncio
import os
import time
from pathlib import Path
from typing import Final

from packaging.utils import canonicalize_name

from pinnace.domain.environments import EnvironmentMode
from pinnace.environments.manifest import Manifest
from pinnace.environments.plans import Plan, variables_of
from pinnace.environments.progress import Progress
from pinnace.environments.requirements import pins
from pinnace.environments.uv import Uv, redacted

_BASE_LAYER: Final = "_pinnace_base.pth"
_ADDED: Final = " + "
_FROM: Final = " (from "
_BLOCK: Final = 512


class Builder:
    """Builds what plans say.

    Args:
        uv: Which does the work.
    """

    def __init__(self, uv: Uv) -> None:
        self._uv = uv

    async def build(self, plan: Plan, draft: Path, progress: Progress) -> Manifest:
        """Build *draft*; what it is. Raises UvFailed."""
        began = time.monotonic()
        await self._run(
            plan, progress, "venv", "--relocatable", "--no-project", "--python", plan.interpreter.python, draft
        )
        if plan.is_layer:
            await self._layer(plan, draft, progress)
        else:
            await self._stand_alone(plan, draft, progress)
        return await asyncio.to_thread(_manifest, plan, draft, time.monotonic() - began)

    async def _layer(self, plan: Plan, draft: Path, progress: Progress) -> None:
        """Add what the interpreter lacks: resolved on what it has, which stays as it is and is seen behind."""
        added = [*await self._resolve(plan, draft, progress), *plan.alone]
        if added:
            pinned = draft / "layer.txt"
            pinned.write_text("\n".join(added) + "\n", encoding="utf-8")
            await self._install(plan, draft, progress, "--no-deps", "-r", pinned)
        lines = "".join(f"import site; site.addsitedir({site!r})\n" for site in plan.interpreter.sites)
        (_site_packages(draft) / _BASE_LAYER).write_text(lines, encoding="utf-8")

    async def _resolve(self, plan: Plan, draft: Path, progress: Progress) -> list[str]:
        """What is to be added to the interpreter, in exact versions."""
        if not plan.packages:
            return []
        constraints = draft / "base.txt"
        constraints.write_text("\n".join(pins(plan.interpreter)) + "\n", encoding="utf-8")
        words = ("pip", "install", "--dry-run", "--break-system-packages", "--python", plan.interpreter.python)
        said = await self._run(plan, progress, *words, "-c", constraints, *plan.settings.options, "--", *plan.packages)
        return [_requirement(line) for line in said if line.startswith(_ADDED)]

    async def _stand_alone(self, plan: Plan, draft: Path, progress: Progress) -> None:
        """Install as the SDK's own command does: its own package first, then what the component declares."""
        if plan.alone:
            await self._install(plan, draft, progress, "--no-deps", "--", *plan.alone)
        if plan.packages:
            await self._install(plan, draft, progress, "--", *plan.packages)

    async def _install(self, plan: Plan, draft: Path, progress: Progress, *words: str | Path) -> None:
        options: tuple[str | Path, ...] = (
            "--compile-bytecode",
            "--python",
            draft / "bin/python",
            *plan.settings.options,
        )
        await self._run(plan, progress, "pip", "install", *options, *words)

    async def _run(self, plan: Plan, progress: Progress, *words: str | Path) -> list[str]:
        return await self._uv.run(*map(str, words), variables=variables_of(plan), hear=progress.hear)


def _requirement(line: str) -> str:
    """An added package in pip's syntax. Older uv writes the place of one as ``name==1 (from URL)``."""
    text = line[len(_ADDED) :].strip()
    pinned, _, place = text.partition(_FROM)
    return f"{pinned.partition('==')[0]} @ {place.removesuffix(')')}" if place else text


def _site_packages(environment: Path) -> Path:
    return next((environment / "lib").glob("python*/site-packages"))


def _manifest(plan: Plan, draft: Path, seconds: float) -> Manifest:
    mode = EnvironmentMode.INHERIT if plan.is_layer else EnvironmentMode.ISOLATED
    return Manifest(
        mode=mode.value,
        requirements=plan.asked,
        index_urls=tuple(redacted(url) for url in plan.index_urls),
        python=plan.interpreter.python,
        python_version=plan.interpreter.markers["python_full_version"],
        packages=_packages(_site_packages(draft)),
        size=_size(draft),
        built_at=time.time(),
        build_seconds=round(seconds, 3),
    )


def _packages(site_packages: Path) -> dict[str, str]:
    stems = sorted(path.name.removesuffix(".dist-info") for path in site_packages.glob("*.dist-info"))
    return {str(canonicalize_name(name)): version for name, _, version in (stem.partition("-") for stem in stems)}


def _size(directory: Path) -> int:
    files = (Path(parent, name) for parent, folders, names in os.walk(directory) for name in (*folders, *names))
    return sum(path.lstat().st_blocks * _BLOCK for path in files)
