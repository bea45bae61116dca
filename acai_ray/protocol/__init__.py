"""What is fixed before any study: primary metrics and margins, phases, arms, controls, and the rule of a verdict."""
