"""One pipeline with the SDK's own local runner: ``python local_runner.py KIND SIZE DIRECTORY``. Its last line: seconds.

It is a program of its own since ``kfp.local`` is set up once a process.
"""

import sys
import time

from flows import flow
from kfp import local


def main() -> None:
    kind, size, root = sys.argv[1:]
    local.init(local.SubprocessRunner(use_venv=False), pipeline_root=root, raise_on_error=True)
    run = flow(kind, int(size))
    begin = time.perf_counter()
    run()
    print(f"\n{time.perf_counter() - begin}")


if __name__ == "__main__":
    main()
