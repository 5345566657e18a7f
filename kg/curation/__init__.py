"""People decide about a plan, project by project or in a table; written to its two CSV files."""
