"""Overlays: quotas beside the tree, and double credit."""
