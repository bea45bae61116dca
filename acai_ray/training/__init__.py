"""How a trial is trained: batches, losses, the step, its compiled form, checkpoints."""
