"""How processes come together to train one network: started by torchrun, here or on several machines."""

import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import torch
import torch.distributed
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from workbench.core.messages import Train
from workbench.core.problems import Problem
from workbench.core.runs import RunFolder
from workbench.engine.compile import Network
from workbench.engine.loop import Forward, Plan
from workbench.engine.preparation import Prepared
from workbench.engine.team import ALONE, Team

PATIENCE = timedelta(days=30)
"""A run may be paused for long, and the others wait as long for the first."""
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def joined_team() -> Team:
    """The team of this process, as torchrun's environment has it. All of its processes must call this."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1 or "RANK" not in os.environ:
        return ALONE
    cards = torch.cuda.device_count()
    local, locals_ = int(os.environ["LOCAL_RANK"]), int(os.environ["LOCAL_WORLD_SIZE"])
    if cards >= locals_:
        torch.cuda.set_device(local)
    backend = "cpu:gloo,cuda:nccl" if cards >= locals_ else "gloo"
    torch.distributed.init_process_group(backend, timeout=PATIENCE)
    return Team(int(os.environ["RANK"]), size)


def leave(team: Team) -> None:
    """The work is done."""
    if team.size > 1:
        torch.distributed.destroy_process_group()


def processes_wanted(train: Train, folder: RunFolder) -> int:
    """How many processes a run is to have on this machine."""
    if train.processes is not None:
        return train.processes
    raw = train.document if train.document is not None else folder.info().document
    return int(raw.get("training", {}).get("processes", 1))


def spread(train: Train, processes: int) -> int:
    """Become torchrun, with this many processes that make the run. Returns the exit status, where it returns."""
    handle, name = tempfile.mkstemp(prefix="workbench-", suffix=".json")  # readable by this user alone
    with os.fdopen(handle, "wb") as stream:
        stream.write(msgspec.json.encode(train))
    command = [
        sys.executable,
        *("-m", "torch.distributed.run", "--nnodes=1", f"--nproc-per-node={processes}"),
        *("--rdzv-backend=c10d", "--rdzv-endpoint=127.0.0.1:0", "--local-addr=127.0.0.1"),
        *("-m", "workbench.engine", "job", name),
    ]
    if os.name == "posix":
        os.execv(sys.executable, command)
    return subprocess.call(command)


def read(path: Path, team: Team) -> Train:
    """The message in a file. One that was started before goes on, whoever submits it again.

    Raises OSError and `msgspec.DecodeError`.
    """
    train = msgspec.json.decode(path.read_bytes(), type=Train)
    folder = Path(train.folder)
    team.wait()
    if team.leads and path.parent != folder:
        path.unlink()
    if train.document is not None and (folder / "run.json").exists() and RunFolder(folder).has_checkpoint:
        train = msgspec.structs.replace(train, document=None, origin="", repeats="", edits=())
    return team.told(train)


def joined(ready: Prepared, team: Team) -> tuple[Plan, list[Problem]]:
    """The plan of a team: the network averages gradients over all, and each takes its share of every batch.

    Batch norm measures the whole batch on graphics cards (SyncBatchNorm), which torch cannot on processors: there each
    process measures its own share, and a problem says so.
    """
    loop, plan = ready.loop, ready.plan
    if team.size == 1:
        return plan, []
    said = _with_shared_norms(loop.network, ready.device)
    if team.rank:
        torch.manual_seed(
            (loop.seed * 1_000_003 + loop.step) * team.size + team.rank
        )  # others drop other samples' parts
    wrapped = DistributedDataParallel(_Wrapped(loop.network, plan.forward))
    return replace(plan, forward=wrapped, team=team), said


class _Wrapped(nn.Module):
    """What computes, as a module that has the network's weights."""

    def __init__(self, network: Network, forward: Forward | None) -> None:
        super().__init__()
        self.network = network
        self._forward = forward or network

    def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """As the network's."""
        return self._forward(*inputs)


def _with_shared_norms(network: Network, device: torch.device) -> list[Problem]:
    if not any(isinstance(module, NORMS) for module in network.modules()):
        return []
    if device.type != "cuda":
        return [Problem("train.norms_apart", severity="warning")]
    network.swap(nn.SyncBatchNorm.convert_sync_batchnorm)
    return []


def threads_of(team: Team) -> int:
    """Each process's share of the processors."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, usable // int(os.environ.get("LOCAL_WORLD_SIZE", str(team.size))))
