"""Which accelerators are found, whose a task asks for, and what it sees of them."""

from pathlib import Path

import pytest

from pinnace.errors import SetupError
from pinnace.executors.process.accelerators import find, of_vendor, vendor_of, visibility


@pytest.fixture
def nvidia(tmp_path: Path) -> Path:
    """The root of a machine with three devices and files that are none."""
    (tmp_path / "dev").mkdir()
    for name in ("nvidia0", "nvidia1", "nvidia7", "nvidiactl", "nvidia-uvm", "nvidia-modeset"):
        (tmp_path / "dev" / name).touch()
    return tmp_path


@pytest.fixture
def amd(tmp_path: Path) -> Path:
    """The root of a machine with a processor, a device, and one that this container was not given."""
    (tmp_path / "dev" / "dri").mkdir(parents=True)
    (tmp_path / "dev" / "kfd").touch()
    (tmp_path / "dev" / "dri" / "renderD128").touch()
    for number, (cores, renderer) in enumerate([(0, 0), (256, 128), (256, 129)]):
        node = tmp_path / "sys/class/kfd/kfd/topology/nodes" / str(number)
        node.mkdir(parents=True)
        (node / "properties").write_text(f"cpu_cores_count 0\nsimd_count {cores}\ndrm_render_minor {renderer}\n")
    return tmp_path


def test_a_machine_without_any(tmp_path: Path) -> None:
    assert find("auto", {"CUDA_VISIBLE_DEVICES": "0,1"}, tmp_path) == ()
    assert find("require", {}, tmp_path) == ()


def test_nvidia(nvidia: Path) -> None:
    assert find("auto", {}, nvidia) == ("nvidia:0", "nvidia:1", "nvidia:2")
    assert find("require", {}, nvidia) == ("nvidia:0", "nvidia:1", "nvidia:2")
    assert find("none", {}, nvidia) == ()


@pytest.mark.parametrize(
    ("visible", "found"),
    [
        ("2,0", ("nvidia:2", "nvidia:0")),
        ("GPU-8932f937", ("nvidia:GPU-8932f937",)),
        ("", ()),
        ("1,-1,0", ("nvidia:1",)),
    ],
)
def test_what_the_server_may_not_see_it_does_not_give(nvidia: Path, visible: str, found: tuple[str, ...]) -> None:
    assert find("auto", {"CUDA_VISIBLE_DEVICES": visible}, nvidia) == found


def test_amd(amd: Path) -> None:
    assert find("auto", {}, amd) == ("amd:0",)


def test_a_number(nvidia: Path) -> None:
    assert find("2", {}, nvidia) == ("nvidia:0", "nvidia:1")
    assert find("4", {}, nvidia) == ("nvidia:0", "nvidia:1", "nvidia:2", "nvidia:3")
    assert find("0", {}, nvidia) == ()


def test_a_number_where_none_are_found(tmp_path: Path) -> None:
    assert find("1", {}, tmp_path) == ("nvidia:0",)


@pytest.mark.parametrize("choice", ["", "-1", "all", "1.5", "²"])
def test_what_is_no_setting(choice: str, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="Give auto, require, none or a number"):
        find(choice, {}, tmp_path)


@pytest.mark.parametrize(
    ("kind", "vendor"),
    [
        ("nvidia.com/gpu", "nvidia"),
        ("NVIDIA_TESLA_P4", "nvidia"),
        ("amd.com/gpu", "amd"),
        ("cloud-tpus.google.com/v3", "tpu"),
        ("gpu.intel.com/i915", "intel"),
        ("gpu", ""),
        ("", ""),
    ],
)
def test_whose_a_type_means(kind: str, vendor: str) -> None:
    assert vendor_of(kind) == vendor


def test_a_request_for_anybodys() -> None:
    assert of_vendor(["nvidia:0", "amd:0"], "") == ["nvidia:0", "amd:0"]
    assert of_vendor(["nvidia:0", "amd:0"], "amd") == ["amd:0"]
    assert of_vendor(["nvidia:0"], "tpu") == []


def test_what_a_task_sees() -> None:
    both = ("nvidia:0", "nvidia:1", "amd:0")
    assert visibility(both, ("nvidia:1", "nvidia:0")) == {"CUDA_VISIBLE_DEVICES": "1,0", "ROCR_VISIBLE_DEVICES": ""}
    assert visibility(both, ()) == {"CUDA_VISIBLE_DEVICES": "", "ROCR_VISIBLE_DEVICES": ""}
    assert visibility((), ()) == {}
