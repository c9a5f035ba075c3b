"""Pipelines whose artifacts the dashboard draws."""

from kfp import dsl


@dsl.component(install_kfp_package=False)
def collect(table: dsl.Output[dsl.Dataset], folder: dsl.Output[dsl.Artifact]) -> None:
    import os

    with open(table.path, "w", encoding="utf-8") as file:
        file.write("length,species\n1.5,setosa\n2.5,virginica\n")
    os.makedirs(os.path.join(folder.path, "part"))
    with open(os.path.join(folder.path, "part", "notes.txt"), "w", encoding="utf-8") as file:
        file.write("in the folder\n")


@dsl.component(install_kfp_package=False)
def judge_model(
    table: dsl.Input[dsl.Dataset],
    page: dsl.Output[dsl.HTML],
    attack: dsl.Output[dsl.HTML],
    words: dsl.Output[dsl.Markdown],
    roc: dsl.Output[dsl.ClassificationMetrics],
) -> None:
    with open(page.path, "w", encoding="utf-8") as file:
        file.write(
            "<h1>Report</h1><button>more</button><script>"
            "document.querySelector('button').onclick = () => { document.querySelector('h1').textContent = 'Clicked' }"
            "</script>"
        )
    with open(attack.path, "w", encoding="utf-8") as file:
        file.write(
            """<pre id="log"></pre><script>
            const say = (what, how) => { document.getElementById("log").textContent += what + " " + how + "; " };
            const tried = (what, act) => { try { act(); say(what, "worked") } catch { say(what, "refused") } };
            tried("parent", () => parent.document.title);
            tried("storage", () => localStorage.length);
            if (top !== self) tried("top", () => { top.location = "about:blank" });
            const script = document.createElement("script");
            script.src = "/openapi.json";
            script.onload = () => say("script", "worked");
            script.onerror = () => say("script", "refused");
            document.body.append(script);
            const image = new Image();
            image.onload = () => say("image", "worked");
            image.onerror = () => say("image", "refused");
            image.src = "/favicon.svg";
            const frame = document.createElement("iframe");
            frame.src = "/runs";
            document.body.append(frame);
            fetch("/apis/v2beta1/runs").then(() => say("fetch", "worked"), () => say("fetch", "refused"));
            </script>"""
        )
    with open(words.path, "w", encoding="utf-8") as file:
        file.write("# Verdict\n\nIt is **good**, <b>really</b>.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")
    roc.log_roc_curve([0.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 0.5, 0.0])
    roc.log_confusion_matrix(["cat", "dog"], [[3, 1], [0, 4]])


@dsl.pipeline(name="reports")
def reports() -> None:
    judge_model(table=collect().outputs["table"])
