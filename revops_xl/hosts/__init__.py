"""Thin hosts: they translate between people and the flow, and compute nothing."""
