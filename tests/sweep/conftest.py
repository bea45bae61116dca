"""What the tests of whole studies share: one Ray for all of a process, since it takes seconds to start."""

import os
from collections.abc import Iterator

import pytest
import ray

from acai_ray.sweep.private_ray import start


@pytest.fixture(scope="session")
def local_ray() -> Iterator[None]:
    os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"
    start(num_cpus=2, log_to_driver=False, logging_level="ERROR")
    yield
    ray.shutdown()
