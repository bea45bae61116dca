"""ACAI against its vanilla twins: frames in, frames out."""

from acai_ray.analysis.compare.analyse import Analysis, Family, Floats, analyse, cells, varied

__all__ = ["Analysis", "Family", "Floats", "analyse", "cells", "varied"]
