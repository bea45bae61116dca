"""Units: poses and distances are in metres, and errors are told in millimetres."""

from typing import Final

MM: Final = 1000.0
"""Millimetres of a metre."""
