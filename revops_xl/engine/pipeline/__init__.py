"""Coverage of quotas, and quota moved inside teams."""
