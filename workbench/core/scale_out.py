"""How a run is started on several machines: the line for torchrun, and a file for Slurm's sbatch."""

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PORT = 29500
"""Where the processes meet, as torch's own examples have it."""


@dataclass(frozen=True)
class ScaleOut:
    """What is started, and on how much. The message lies in a folder that all machines see."""

    run: str
    message: Path
    processes: int
    """On each machine."""
    nodes: int = 1


def torchrun(plan: ScaleOut, host: str = "$HOST", python: str = sys.executable) -> str:
    """The line that is entered on every machine; `host` is the name of one of them."""
    words = [
        shlex.quote(python),
        "-m torch.distributed.run",
        f"--nnodes={plan.nodes}",
        f"--nproc-per-node={plan.processes}",
        *_meeting(plan, host),
        "-m workbench.engine job",
        shlex.quote(str(plan.message)),
    ]
    return " ".join(words)


def _meeting(plan: ScaleOut, host: str) -> Sequence[str]:
    if plan.nodes == 1:
        return ["--standalone"]
    return [f"--rdzv-id={shlex.quote(plan.run)}", "--rdzv-backend=c10d", f"--rdzv-endpoint={host}:{PORT}"]


def sbatch(plan: ScaleOut, python: str = sys.executable) -> str:
    """A file for `sbatch`: torchrun once on each machine. Submitted again, it goes on from the last checkpoint."""
    lines = [
        "#!/bin/bash",
        f"#SBATCH --job-name={plan.run}",
        f"#SBATCH --nodes={plan.nodes}",
        "#SBATCH --ntasks-per-node=1",
        f"#SBATCH --gpus-per-node={plan.processes}",
        f"#SBATCH --output={plan.message.parent / 'slurm-%j.log'}",
        "#SBATCH --requeue",
        "",
        "set -euo pipefail",
        'HOST=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)',
        "export HOST",
        f"srun {torchrun(plan, python=python)}",
        "",
    ]
    return "\n".join(lines)
