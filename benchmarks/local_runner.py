"""One pipeline with the SDK's own local runner: ``python local_runner.py FLOW DIRECTORY``. Its last line: seconds.

It is a program of its own since ``kfp.local`` is set up once a process.
"""

import sys
import time

from flows import FLOWS
from kfp import local


def main() -> None:
    flow, _ = FLOWS[sys.argv[1]]
    local.init(local.SubprocessRunner(use_venv=False), pipeline_root=sys.argv[2], raise_on_error=True)
    begin = time.perf_counter()
    flow()
    print(f"\n{time.perf_counter() - begin}")


if __name__ == "__main__":
    main()
