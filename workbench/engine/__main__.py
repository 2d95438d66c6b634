"""`python -m workbench.engine serve` answers questions; `python -m workbench.engine job` makes a run.

Under torchrun, `job` is followed by the file of the message that a job otherwise reads from its standard input.
"""

import os
import sys


def main() -> int:
    """Start in the role that the first argument names. Returns the exit status."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # before ONNX Runtime can be imported anywhere
    role, message = (*sys.argv[1:], "", "")[:2]
    if role == "serve":
        from workbench.engine.server import main as serve

        return serve()
    if role == "job":
        from workbench.engine.job import main as job

        return job(message)
    sys.stderr.write("This is a part of Model Workbench that is started by the program itself: run `workbench`.\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
