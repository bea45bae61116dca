"""One trial without Ray: what it is, running it, measuring it, and writing it into the store."""
