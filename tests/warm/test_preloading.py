"""Which modules of a component's source may be in memory before it begins."""

import pytest

from pinnace.executors.process import preloading

HEADER = "import kfp\nfrom kfp import dsl\nfrom kfp.dsl import *\nfrom typing import *\n\ndef f():\n"


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("import numpy", ("numpy",)),
        ("import numpy as np, os", ("numpy",)),
        ("import scipy.sparse.linalg", ("scipy.sparse.linalg",)),
        ("from sklearn.ensemble import *", ("sklearn.ensemble",)),
        ("from pandas import DataFrame", ("pandas", "pandas.DataFrame")),
        ("if True:\n        import pandas", ("pandas",)),
        ("import numpyro", ()),
        ("import torch, pyarrow", ()),
        ("from . import numpy", ()),
        ("import os", ()),
        ("x = 'pipeline of uvula and condas'; import numpy", ("numpy",)),
    ],
)
def test_modules_that_a_source_imports(statements: str, expected: tuple[str, ...]) -> None:
    assert preloading.modules(f"{HEADER}    {statements}\n") == expected


@pytest.mark.parametrize(
    "first",
    [
        "import os; os.environ['OMP_NUM_THREADS'] = '1'",
        "import os; os.putenv('A', '1')",
        "from dotenv import load_dotenv; load_dotenv()",
        "import os; os.sched_setaffinity(0, {0})",
        "import sys; sys.path.insert(0, 'vendored')",
        "from sys import path; path.insert(0, 'vendored')",
        "import sys; sys.modules['numpy'] = None",
        "import subprocess, sys; subprocess.run([sys.executable, '-m', 'pip', 'install', 'numpy<2'])",
        "import os; os.system('pip3 install numpy==1.26')",
        "import os; os.system('uv pip install numpy==1.26')",
    ],
)
def test_a_source_that_acts_before_it_imports_starts_without(first: str) -> None:
    assert preloading.modules(f"{HEADER}    {first}\n    import numpy\n") == ()


@pytest.mark.parametrize("source", ["def f(:\n    import numpy", "import numpy\0", "(" * 5000 + "\nimport numpy"])
def test_a_source_that_is_no_python_starts_without(source: str) -> None:
    assert preloading.modules(source) == ()
