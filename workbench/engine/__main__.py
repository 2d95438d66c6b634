"""`python -m workbench.engine serve` answers questions; `python -m workbench.engine job` makes a run."""

import os
import sys


def main() -> int:
    """Start in the role that the first argument names. Returns the exit status."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # before ONNX Runtime can be imported anywhere
    role = sys.argv[1] if len(sys.argv) == 2 else ""
    if role == "serve":
        from workbench.engine.server import main as serve

        return serve()
    if role == "job":
        from workbench.engine.job import main as job

        return job()
    sys.stderr.write("This is a part of Model Workbench that is started by the program itself: run `workbench`.\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
