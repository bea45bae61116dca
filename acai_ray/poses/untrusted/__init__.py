"""Opening files that may be damaged or forged: nothing in them is run, and what they claim is checked."""
