"""The forms that are read, one module or package each, and what those of Human3.6M share."""
