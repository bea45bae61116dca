"""The forms in which Human3.6M is passed on."""
