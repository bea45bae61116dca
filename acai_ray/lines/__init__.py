"""The self-test of the method: trained by this trainer on images of lines, does ACAI do what its paper says?"""
