"""Bias of commits, corrected commits, and their sums along the org."""
