"""The line and the file that start a run on several machines."""

import shlex
import subprocess
from pathlib import Path

import pytest

from workbench.core.scale_out import ScaleOut, sbatch, torchrun

PLAN = ScaleOut("run_1", Path("/shared/my runs/run_1/train.json"), 4, 2)


def test_the_line_names_what_torchrun_needs() -> None:
    words = shlex.split(torchrun(PLAN, "node-1", "/usr/bin/python3"))
    assert words[:3] == ["/usr/bin/python3", "-m", "torch.distributed.run"]
    assert {"--nnodes=2", "--nproc-per-node=4", "--rdzv-backend=c10d", "--rdzv-endpoint=node-1:29500"} <= set(words)
    assert words[-4:] == ["-m", "workbench.engine", "job", "/shared/my runs/run_1/train.json"]


def test_on_one_machine_nobody_has_to_meet() -> None:
    words = shlex.split(torchrun(ScaleOut("run_1", Path("/r/train.json"), 2)))
    assert "--standalone" in words
    assert not [word for word in words if word.startswith("--rdzv")]


@pytest.mark.parametrize("nodes", [1, 2])
def test_the_file_is_bash_and_asks_for_what_the_line_uses(tmp_path: Path, nodes: int) -> None:
    text = sbatch(ScaleOut("run_1", PLAN.message, 4, nodes))
    assert f"#SBATCH --nodes={nodes}\n" in text
    assert "#SBATCH --gpus-per-node=4\n" in text
    file = tmp_path / "job.sh"
    file.write_text(text)
    assert subprocess.run(["bash", "-n", str(file)]).returncode == 0
