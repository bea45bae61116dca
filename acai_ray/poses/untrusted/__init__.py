"""Files from strangers: opened without running, and without believing, what they say."""
