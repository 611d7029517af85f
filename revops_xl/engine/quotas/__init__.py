"""A target handed down an org: shares, hedges, overrides, gates, whole units; and why each number."""
