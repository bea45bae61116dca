"""Readers of Human3.6M in the forms in which people pass it on: one module for each form, and what these share."""
