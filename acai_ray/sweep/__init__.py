"""A study on Ray: its space, its plan, and the Tune run over what is missing. Ray is imported here only."""
