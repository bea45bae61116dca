"""Metrics of poses and of paths between them."""
