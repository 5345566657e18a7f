"""`sdgplan new`: from a document to the plan.toml that it probably needs."""
