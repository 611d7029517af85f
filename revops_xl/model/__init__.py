"""Frozen types that the layers hand to each other. No input or output happens here."""
