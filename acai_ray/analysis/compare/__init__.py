"""ACAI against its vanilla twins: frames in, frames out."""

from acai_ray.analysis.compare.analyse import Analysis, Family, analyse, cells, varied
from acai_ray.analysis.compare.estimates import Floats

__all__ = ["Analysis", "Family", "Floats", "analyse", "cells", "varied"]
