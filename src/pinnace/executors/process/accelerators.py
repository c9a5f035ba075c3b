"""Accelerators: which the machine has, which a task asks for, and how it is shown those that it got.

A device is named ``VENDOR:ID``. The id is what the vendor's own variable takes, so that whoever started the server
with only some devices visible has only those given to tasks.
"""

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from pinnace.errors import SetupError

AUTO: Final = "auto"
REQUIRE: Final = "require"
NONE: Final = "none"

NVIDIA: Final = "nvidia"
AMD: Final = "amd"
_VARIABLES: Final = {NVIDIA: "CUDA_VISIBLE_DEVICES", AMD: "ROCR_VISIBLE_DEVICES"}
_OTHERS: Final = ("tpu", "intel", "habana", "neuron")
_NO_DEVICE: Final = frozenset({"", "-1", "NoDevFiles"})
_ASKING_SECONDS: Final = 10.0


def parse(choice: str) -> int | None:
    """The number that a setting names; None where it is one of the words.

    Raises:
        SetupError: it is neither.
    """
    if choice in {AUTO, REQUIRE, NONE}:
        return None
    if choice.isascii() and choice.isdigit():
        return int(choice)
    raise SetupError(f"{choice!r} is no setting for accelerators. Give auto, require, none or a number.")


def find(choice: str, variables: Mapping[str, str] | None = None, root: Path = Path("/")) -> tuple[str, ...]:
    """The devices that *choice* (auto, require, none, or a number) stands for. Raises SetupError."""
    number = parse(choice)
    if choice == NONE:
        return ()
    environment = os.environ if variables is None else variables
    found = _visible(environment, NVIDIA, _nvidia(root)) + _visible(environment, AMD, _amd(root))
    if number is None or len(found) == number:
        return found
    if number < len(found):
        return found[:number]
    vendor = AMD if found and found[0].startswith(AMD) else NVIDIA
    return tuple(f"{vendor}:{index}" for index in range(number))


def vendor_of(kind: str) -> str:
    """Whose accelerators a type of the pipeline means, such as ``nvidia.com/gpu``; "" for anybody's."""
    name = kind.lower()
    return next((vendor for vendor in (NVIDIA, AMD, *_OTHERS) if vendor in name), "")


def of_vendor(devices: Iterable[str], vendor: str) -> list[str]:
    """Those of *devices* that serve a request for *vendor*."""
    return [device for device in devices if not vendor or device.partition(":")[0] == vendor]


def visibility(machine: Iterable[str], devices: Iterable[str]) -> dict[str, str]:
    """Variables by which a task on a machine with accelerators sees *devices* and no other."""
    shown = {vendor: of_vendor(devices, vendor) for vendor in {device.partition(":")[0] for device in machine}}
    return {_VARIABLES[vendor]: ",".join(device.partition(":")[2] for device in mine) for vendor, mine in shown.items()}


def _visible(environment: Mapping[str, str], vendor: str, count: int) -> tuple[str, ...]:
    """Of *count* devices those that the server itself may see."""
    allowed = environment.get(_VARIABLES[vendor])
    if allowed is None:
        return tuple(f"{vendor}:{index}" for index in range(count))
    names = [name.strip() for name in allowed.split(",")]
    # The vendors' libraries stop at the first name that is none.
    last = next((place for place, name in enumerate(names) if name in _NO_DEVICE), len(names))
    return tuple(f"{vendor}:{name}" for name in names[:last]) if count else ()


def _nvidia(root: Path) -> int:
    count = sum(path.name.removeprefix("nvidia").isdigit() for path in (root / "dev").glob("nvidia[0-9]*"))
    # Under WSL there are no such files, only the driver's own program knows.
    return count or (_told_by_nvidia_smi() if (root / "dev" / "dxg").exists() else 0)


def _told_by_nvidia_smi() -> int:
    program = shutil.which("nvidia-smi")
    if program is None:
        return 0
    try:
        told = subprocess.run([program, "-L"], capture_output=True, text=True, timeout=_ASKING_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return sum(line.startswith("GPU ") for line in told.stdout.splitlines())


def _amd(root: Path) -> int:
    """Nodes of the kernel's compute driver that can compute (others are cpus) and that this container was given."""
    if not (root / "dev" / "kfd").exists():
        return 0
    nodes = (root / "sys/class/kfd/kfd/topology/nodes").glob("*/properties")
    return sum(_is_usable(root, path) for path in nodes)


def _is_usable(root: Path, properties: Path) -> bool:
    try:
        lines = properties.read_text(encoding="ascii").splitlines()
    except OSError:
        return False  # The kernel shows the properties only to those who may use the device.
    values = dict(line.split(None, 1) for line in lines if " " in line)
    renderer = root / "dev" / "dri" / f"renderD{values.get('drm_render_minor', '').strip()}"
    return values.get("simd_count", "0").strip() != "0" and renderer.exists()
