"""A believable company for the sample plan."""
