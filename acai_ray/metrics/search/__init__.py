"""The exact search for nearest poses."""
