"""The rules of a confirmation: what may be confirmed, and on which seeds."""

RECONSTRUCTION_ALLOWANCE = 1.10
"""A setting is confirmed only if its reconstruction error is at most this multiple of its vanilla twin's."""

FRESH_SEED = 10_000
"""The first seed of a confirmation; a search uses 0, 1, 2, …"""
