"""Sheets of the cascade: Hierarchy, Levels, Metrics, Overrides, Quotas, Cascade, Hedge audit."""
