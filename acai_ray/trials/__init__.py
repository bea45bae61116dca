"""One trial without Ray: what it is, running, measuring and recording it."""
