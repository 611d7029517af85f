"""Sheets of commits: Commits, Commit review."""
