"""Send the pipeline to a server with the official client and wait for it.

Usage: python submit.py [ADDRESS]     (default http://127.0.0.1:8765)
"""

import sys

from kfp import Client
from pipeline import quickstart

host = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8765"
run = Client(host=host).create_run_from_pipeline_func(
    quickstart,
    arguments={"n_estimators": 200},
    experiment_name="quickstart",
    run_name="quickstart",
)
print(f"run {run.run_id}", flush=True)
finished = run.wait_for_run_completion(timeout=900)
print(f"{finished.display_name}: {finished.state}")
sys.exit(0 if finished.state == "SUCCEEDED" else 1)
