"""Which declared packages an interpreter lacks."""

import pytest

from pinnace.environments.interpreter import Distribution, Interpreter
from pinnace.environments.requirements import lacking, pins, to_layer

BASE = Interpreter(
    python="/base/bin/python",
    executable="/usr/bin/python3.11",
    prefix="/base",
    is_virtual=True,
    sites=("/base/lib/python3.11/site-packages",),
    markers={"python_version": "3.11", "sys_platform": "linux", "python_full_version": "3.11.7"},
    installed={
        "kfp": Distribution("2.14.0", ('kfp-kubernetes>=1; extra == "kubernetes"',)),
        "typing-extensions": Distribution("4.12.0", ()),
        "pandas": Distribution(
            "2.3.1", ('pyarrow>=10; extra == "parquet"', 'pytz; extra == "time"', "numpy", 'a (any); extra == "old"')
        ),
        "pytz": Distribution("2024.1", ()),
        "edge": Distribution("3.0rc1", ()),
        "antique": Distribution("2004d-final", ()),
    },
)


@pytest.mark.parametrize(
    "package",
    [
        "pandas",
        "Pandas>=2,<3",
        "pandas==2.3.1",
        "pandas[time]",
        "kfp==2.17.0",
        "kfp",
        "typing-extensions>=3.7.4,<5; python_version<'3.9'",
        "windows-thing; sys_platform == 'win32'",
        "typing_extensions",
        "edge>=3.0rc1",
        "antique",
        "pandas[old]",
    ],
)
def test_met(package: str) -> None:
    assert lacking([package], BASE) == ()


@pytest.mark.parametrize(
    "package",
    [
        "pandas<2",
        "antique>2003",
        "pandas[parquet]",
        "numpy",
        "pandas @ https://host/pandas.whl",
        "./local",
        "git+https://host/repository",
        "kfp-kubernetes",
        "kfp[kubernetes]",
    ],
)
def test_lacking(package: str) -> None:
    assert lacking([package], BASE) == (package,)


def test_another_kfp_major_is_not_enough() -> None:
    old = Interpreter("/b", "/b", "/b", False, (), BASE.markers, {"kfp": Distribution("1.8.22", ())})
    assert lacking(["kfp==2.17.0"], old) == ("kfp==2.17.0",)


def test_a_layer_is_resolved_for_all_that_is_asked_for_but_the_sdk_that_is_there() -> None:
    assert to_layer(["pandas", "numpy", "kfp==2.17.0"], BASE) == ("pandas", "numpy")
    without = Interpreter("/b", "/b", "/b", False, (), BASE.markers, {})
    assert to_layer(["pandas", "kfp==2.17.0"], without) == ("pandas", "kfp==2.17.0")


def test_what_is_installed_as_constraints() -> None:
    assert pins(BASE) == (
        "edge==3.0rc1",
        "kfp==2.14.0",
        "pandas==2.3.1",
        "pytz==2024.1",
        "typing-extensions==4.12.0",
    )
