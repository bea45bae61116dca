"""Analysis of a study's tables."""
