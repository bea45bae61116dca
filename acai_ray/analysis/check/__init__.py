"""Whether a report says what its study's tables say: it is made again in memory, and what both say is compared."""

from acai_ray.analysis.check.reports import differences, disagreements

__all__ = ["differences", "disagreements"]
