"""The self-test of the method: on images of lines ACAI does what its paper says when this trainer trains it."""
