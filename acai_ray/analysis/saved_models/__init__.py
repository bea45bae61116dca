"""A study's saved autoencoders without torch: read with suspicion, run in NumPy, embedded in a page."""
