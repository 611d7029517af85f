"""Pure computation from model to model: no files, no clock, no global random state."""
