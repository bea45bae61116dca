"""Analysis of a study's tables.

`compare` makes frames of frames: pairs, differences, verdicts. `tables`, `figures`, `methods` and `saved_models` make
of those what a reader sees, `report` puts that into one page. The modules here are the command and its options.
"""
