"""What the tests of the engine share."""

import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Small networks are not faster with more, and other processes of these tests want the other core."""
    torch.set_num_threads(1)
