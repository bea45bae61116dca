"""Networks, a trained model as its user meets it, completion of poses, export to ONNX."""
