"""Experiment trackers that a study tells of its runs: TensorBoard, MLflow, Weights & Biases."""
