"""Files that people bring: whose columns are which of ours, and what becomes of their rows."""
