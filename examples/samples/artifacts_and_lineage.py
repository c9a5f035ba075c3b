"""Files that steps hand to each other: a text, a table made of it, and two reports made of the table."""

from kfp import dsl
from kfp.dsl import HTML, Dataset, Input, Markdown, Output

IMAGE = "python:3.12-slim"


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def write_text(text: str, document: Output[Dataset]) -> int:
    """Keep the text as a file."""
    with open(document.path, "w", encoding="utf-8") as file:
        file.write(text)
    document.metadata["characters"] = len(text)
    return len(text)


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def count_words(document: Input[Dataset], counts: Output[Dataset]) -> int:
    """A CSV file with each word and how often it comes."""
    import collections
    import csv
    import re

    with open(document.path, encoding="utf-8") as file:
        found = collections.Counter(re.findall(r"\w+", file.read().lower()))
    with open(counts.path, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["word", "times"])
        table.writerows(found.most_common())
    counts.metadata["words"] = len(found)
    print(f"{sum(found.values())} words, {len(found)} of them different")
    return len(found)


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def list_words(counts: Input[Dataset], most: int, report: Output[Markdown]) -> None:
    """The most frequent words as a table in Markdown."""
    import csv

    with open(counts.path, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[:most]
    lines = [f"# The {len(rows)} most frequent words", "", "| word | times |", "|---|---:|"]
    lines += [f"| {row['word']} | {row['times']} |" for row in rows]
    with open(report.path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def draw_words(counts: Input[Dataset], most: int, chart: Output[HTML]) -> None:
    """The same as bars, in HTML with everything inside."""
    import csv

    with open(counts.path, encoding="utf-8") as file:
        rows = [(row["word"], int(row["times"])) for row in csv.DictReader(file)][:most]
    longest = max(times for _, times in rows)
    bars = "".join(
        f'<text x="96" y="{at * 28 + 19}" text-anchor="end">{word}</text>'
        f'<rect x="104" y="{at * 28 + 4}" width="{times / longest * 300:.0f}" height="20" rx="3" fill="#1486a3"/>'
        f'<text x="{110 + times / longest * 300:.0f}" y="{at * 28 + 19}">{times}</text>'
        for at, (word, times) in enumerate(rows)
    )
    with open(chart.path, "w", encoding="utf-8") as file:
        file.write(
            '<!doctype html><meta charset="utf-8"><title>Words</title>'
            f'<svg xmlns="http://www.w3.org/2000/svg" width="460" height="{len(rows) * 28 + 8}" '
            f'font-family="sans-serif" font-size="13">{bars}</svg>\n'
        )


@dsl.pipeline(name="artifacts-and-lineage")
def pipeline(
    text: str = (
        "The sea was calm and the wind was kind. The pinnace left the ship, and the ship waited. "
        "The pinnace came back with water, and the wind was still kind."
    ),
    most: int = 6,
):
    """Counts the words of a text; every file in between can be looked at, and followed to what it came from.

    Args:
        text: What to count.
        most: How many words the reports name.
    """
    written = write_text(text=text)
    counted = count_words(document=written.outputs["document"])
    list_words(counts=counted.outputs["counts"], most=most)
    draw_words(counts=counted.outputs["counts"], most=most)
