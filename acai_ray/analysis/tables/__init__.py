"""Tables of the report: raw numbers, how a reader sees them, and their files."""
