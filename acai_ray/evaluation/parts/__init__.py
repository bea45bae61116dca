"""The parts of an evaluation: each measures one aspect of a model on one split and adds its rows."""
