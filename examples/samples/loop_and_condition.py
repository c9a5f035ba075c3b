"""A loop over a list, a condition in it, and the results of all iterations together."""

from kfp import dsl

IMAGE = "python:3.12-slim"


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def measure(word: str) -> int:
    """How long a word is."""
    import time

    time.sleep(0.5)
    print(f"{word} has {len(word)} letters")
    return len(word)


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def shorten(word: str, limit: int) -> str:
    """Its first letters."""
    shorter = word[:limit] + "…"
    print(f"{word} is too long, so it becomes {shorter}")
    return shorter


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def keep(word: str) -> str:
    """The word as it is."""
    print(f"{word} is short enough")
    return word


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def summarize(lengths: list) -> str:
    """All lengths in one sentence."""
    words = f"{len(lengths)} words with {sum(lengths)} letters together"
    print(words)
    return words


@dsl.pipeline(name="loop-and-condition")
def pipeline(words: list = ["pipeline", "step", "artifact", "run"], limit: int = 5) -> str:
    """Measures some words side by side, shortens the long ones, and sums up.

    Args:
        words: One iteration of the loop each.
        limit: Longer words take the other branch.
    """
    with dsl.ParallelFor(words, parallelism=2) as word:
        measured = measure(word=word)
        with dsl.If(measured.output > limit, name="too-long"):
            shorten(word=word, limit=limit)
        with dsl.Else(name="short-enough"):
            keep(word=word)
    return summarize(lengths=dsl.Collected(measured.output)).output
