"""How many threads a step of training should use: measured, since two pools on the same cores destroy each other."""

import copy
import dataclasses
import os
import time

import torch

from workbench.engine.loop import Loop, Plan
from workbench.engine.precision import forward_of
from workbench.engine.stepping import Stepper

TRIAL_SECONDS = 0.04
TRIAL_STEPS = 40
ROUNDS = 2
"""Each number is tried so often, in turns: what else the machine does must not decide."""
WORTH = 0.75
"""More threads must bring a step down to this share: a window and other jobs want to live on the same cores too."""


def candidates(others: int = 0) -> list[int]:
    """1, 2, 4 ... up to this process's share of the processors that it may use beside so many other jobs."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    usable = max(1, usable // (1 + others))
    return sorted({*(2**power for power in range(usable.bit_length()) if 2**power <= usable), usable})


def choose(loop: Loop, plan: Plan, others: int = 0) -> int:
    """The number of intra-op threads with which steps are fastest just now, beside so many other jobs.

    Steps are tried on a copy, and the random state is put back: the loop is as it was.
    """
    random = torch.get_rng_state()
    seconds = dict.fromkeys(candidates(others), float("inf"))
    try:
        for number in [*seconds] * ROUNDS if len(seconds) > 1 else ():
            torch.set_num_threads(number)
            seconds[number] = min(seconds[number], _trial(copy.deepcopy(loop), plan))
    finally:
        torch.set_rng_state(random)
    best = 1
    for number in seconds:
        if seconds[number] < seconds[best] * WORTH:
            best = number
    return best


def _trial(loop: Loop, plan: Plan) -> float:
    """Seconds a step, the middle of those that were made."""
    loop.network.train()
    stepper = Stepper(loop, plan, forward_of(loop.network, dataclasses.replace(plan, forward=None)))
    times: list[float] = []
    begun = time.perf_counter()
    for batch in plan.train.epoch():
        at = time.perf_counter()
        if len(times) >= TRIAL_STEPS or (len(times) >= 3 and at - begun > TRIAL_SECONDS):
            break
        stepper.make([batch])
        times.append(time.perf_counter() - at)
    ordered = sorted(times)
    return ordered[len(ordered) // 2]
