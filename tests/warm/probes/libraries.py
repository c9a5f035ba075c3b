"""Hard work with large libraries: their threads, their random states, and what they hand to other processes."""

from typing import Any

from tests.warm.bench import probe


@probe()
def numpy_random_state() -> dict[str, Any]:
    import numpy as np

    fresh = {
        "global": np.random.rand(),
        "integers": np.random.randint(0, 2**31, 4).tolist(),
        "generator": float(np.random.default_rng().random()),
        "state": np.random.randint(0, 2**31, 4).tolist(),
    }
    np.random.seed(7)
    same = [np.random.rand(), np.random.normal(), float(np.random.default_rng(7).random())]
    settings = [repr(np.geterr()), repr(np.get_printoptions()), np.__version__, np.__file__]
    return {"same": [same, settings], "fresh": fresh}


@probe()
def linear_algebra() -> dict[str, Any]:
    import numpy as np

    chance = np.random.default_rng(1)
    one = chance.random((700, 700))
    product = one @ one.T
    values = np.linalg.svd(one[:300, :300], compute_uv=False)
    solved = np.linalg.solve(product + 700 * np.eye(700), one[:, 0])
    transformed = np.fft.fft(one[0])
    return {
        "same": [round(float(each), 6) for each in (product.sum(), values.sum(), solved.sum(), abs(transformed).sum())]
    }


def multiply(size: int) -> float:
    import numpy as np

    one = np.ones((size, size))
    return float((one @ one).sum())


@probe(multiply)
def arrays_in_pools() -> dict[str, Any]:
    import multiprocessing
    from concurrent.futures import ThreadPoolExecutor

    import numpy as np

    own = float((np.ones((400, 400)) @ np.ones((400, 400))).sum())
    with multiprocessing.get_context("fork").Pool(2) as pool:
        forked = pool.map(multiply, [300, 400])
    with ThreadPoolExecutor(4) as threads:
        threaded = list(threads.map(multiply, [300] * 8))
    return {"same": [own, forked, threaded]}


@probe()
def frames() -> dict[str, Any]:
    import io

    import numpy as np
    import pandas as pd

    size = 50_000
    chance = np.random.default_rng(1)
    table = pd.DataFrame(
        {
            "key": chance.integers(0, 100, size),
            "word": np.array(["one", "two", "three"])[chance.integers(0, 3, size)],
            "value": chance.random(size),
            "time": pd.date_range("2026-01-01", periods=size, freq="min", tz="Europe/Berlin"),
        }
    )
    grouped = table.groupby(["key", "word"])["value"].agg(["sum", "mean", "std"])
    merged = table.head(5000).merge(grouped.reset_index(), on=["key", "word"])
    rolling = table.set_index("time")["value"].rolling("1h").mean()
    read = pd.read_csv(io.StringIO(table.to_csv(index=False)), parse_dates=["time"])
    evaluated = table.eval("value * 2 + key").sum()
    found = [grouped["sum"].sum(), merged["std"].sum(), rolling.sum(), read["value"].sum(), evaluated]
    return {
        "same": [
            [round(float(each), 6) for each in found],
            table.groupby("word")["value"].describe().round(6).to_string(),
            repr(pd.get_option("display.max_rows")),
            str(pd.Timestamp(0, tz="Asia/Tokyo")),
        ]
    }


@probe()
def sparse_and_optimized() -> dict[str, Any]:
    import numpy as np
    from scipy import fft, integrate, optimize, sparse, stats
    from scipy.linalg import eigh
    from scipy.sparse.linalg import spsolve

    chance = np.random.default_rng(1)
    square = chance.random((300, 300))
    values = eigh(square @ square.T, eigvals_only=True)
    least = optimize.minimize(optimize.rosen, np.zeros(5), method="BFGS").x
    grid = sparse.diags([-1.0, 2.1, -1.0], [-1, 0, 1], shape=(20_000, 20_000), format="csc")
    solved = spsolve(grid, np.ones(20_000))
    area = integrate.quad(np.cos, 0, 1)[0]
    rank = stats.spearmanr(square[0], square[1]).statistic
    spread = fft.fft2(square, workers=2)
    evolved = optimize.differential_evolution(optimize.rosen, [(-2, 2)] * 2, rng=3, workers=1, maxiter=20).x
    numbers = (values.sum(), least.sum(), solved.sum(), area, rank, abs(spread).sum(), evolved.sum())
    return {"same": [round(float(each), 3) for each in numbers], "fresh": {"drawn": float(stats.norm.rvs())}}


@probe()
def learning() -> dict[str, Any]:
    from sklearn.cluster import KMeans
    from sklearn.datasets import make_classification
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import NearestNeighbors

    rows, labels = make_classification(600, 20, random_state=0)
    forest = RandomForestClassifier(20, n_jobs=2, random_state=0).fit(rows, labels)
    boosted = HistGradientBoostingClassifier(max_iter=6, random_state=0).fit(rows, labels)
    line = LogisticRegression().fit(rows, labels)
    clusters = KMeans(4, n_init=2, random_state=0).fit(rows)
    near = NearestNeighbors(n_neighbors=3, n_jobs=2).fit(rows).kneighbors(rows[:50])[0]
    numbers = (boosted.score(rows, labels), line.coef_.sum(), clusters.inertia_, near.sum())
    return {"same": [forest.score(rows, labels), [round(float(each), 3) for each in numbers]]}


@probe()
def kept_by_a_library() -> dict[str, Any]:
    """What a preloaded library holds of the task at its end: files are written out all the same."""
    import sys

    import pandas as pd

    module: Any = sys.modules["ephemeral_component"]

    class Accessor:
        def __init__(self, table: Any) -> None:
            self.table = table

        def total(self) -> float:
            module.file.write("used\n")
            return float(self.table.to_numpy().sum())

    pd.api.extensions.register_dataframe_accessor("own")(Accessor)
    module.file = open("kept", "w")
    table: Any = pd.DataFrame({"a": [1, 2]})
    return {"same": table.own.total()}


@probe()
def torch_loads_data() -> dict[str, Any]:
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    fresh = {"drawn": float(torch.rand(1)), "seed": torch.initial_seed()}
    torch.manual_seed(1)
    square = torch.rand(300, 300)
    data = TensorDataset(torch.arange(64.0))
    sums = []
    for way in ("fork", "spawn", "forkserver"):
        loader = DataLoader(data, batch_size=8, num_workers=2, multiprocessing_context=way, shuffle=True)
        sums.append(sorted(float(batch[0].sum()) for batch in loader))
    numbers = [(square @ square.T).sum(), torch.linalg.svdvals(square).sum()]
    return {"same": [sums, [round(float(each), 2) for each in numbers], torch.get_num_threads()], "fresh": fresh}


PROBES = [
    numpy_random_state, linear_algebra, arrays_in_pools, frames, sparse_and_optimized, learning, kept_by_a_library,
]  # fmt: skip
