"""How many threads a step of training should use: measured, since two pools on the same cores destroy each other."""

import copy
import os
import time

import torch

from workbench.engine.train import Loop, Plan, total_loss

TRIAL_SECONDS = 0.06
TRIAL_STEPS = 40


def candidates() -> list[int]:
    """1, 2, 4 ... up to the processors that this process may use."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return sorted({*(2**power for power in range(usable.bit_length()) if 2**power <= usable), usable})


def choose(loop: Loop, plan: Plan) -> int:
    """The number of intra-op threads with which steps are fastest just now.

    Steps are tried on a copy, and the random state is put back: the loop is as it was. A larger number must win by
    a tenth, because a window and other jobs want to live too.
    """
    random = torch.get_rng_state()
    try:
        best, fastest = 1, float("inf")
        for number in candidates():
            torch.set_num_threads(number)
            seconds = _trial(copy.deepcopy(loop), plan)
            if seconds < fastest * 0.9:
                best, fastest = number, seconds
        return best
    finally:
        torch.set_rng_state(random)


def _trial(loop: Loop, plan: Plan) -> float:
    """Seconds a step, the fastest seen; the first steps warm up."""
    network, optimizer = loop.network, loop.optimizer
    network.train()
    times: list[float] = []
    begun = time.perf_counter()
    for batch in plan.train.epoch():
        at = time.perf_counter()
        if len(times) >= TRIAL_STEPS or (len(times) >= 3 and at - begun > TRIAL_SECONDS):
            break
        outputs = network(*batch[: plan.num_inputs])
        loss = total_loss(plan.goals, outputs, batch[plan.num_inputs :])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        times.append(time.perf_counter() - at)
    ordered = sorted(times)
    return ordered[len(ordered) // 2]
