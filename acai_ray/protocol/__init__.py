"""What is fixed before any study: primary metrics and margins, phases, arms, controls, and the rules of a verdict."""
