"""The command `python -m acai_ray.data`: look at pose data before a study uses it."""
