"""The methods section of a paper, written from what a study's settings and tables say."""
