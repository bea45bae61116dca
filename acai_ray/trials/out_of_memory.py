"""What is said where a trial does not fit into a GPU's memory."""

import re

import torch

from acai_ray.common.errors import describe

ASKED = re.compile(r"Tried to allocate ([\d.]+ \w+)")


def why(error: BaseException) -> str:
    """Why a trial or its measurement failed, in one line; of a GPU that is full, in a sentence with the remedy."""
    if not isinstance(error, torch.OutOfMemoryError):
        return describe(error)
    asked = ASKED.search(str(error))
    more = f"{asked[1]} more" if asked else "more"
    return (
        f"a trial must fit into its process's share of the GPU's memory, but it asked for {more} than is left of it; "
        "give it a larger share (--gpus-per-trial), or lower seeds, width or batch_size"
    )
