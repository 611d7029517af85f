"""Revenue by quarter and scenario: deals, unseen pipeline, intervals, budget."""
