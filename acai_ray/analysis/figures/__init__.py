"""The figures of the report: frames in, figures out."""

from acai_ray.analysis.figures.catalogue import FIGURES, FigureSpec, draw

__all__ = ["FIGURES", "FigureSpec", "draw"]
