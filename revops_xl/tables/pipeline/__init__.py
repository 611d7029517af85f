"""Sheets of the pipeline: Thresholds, Pipeline health."""
