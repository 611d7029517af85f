"""One file per sheet: what its tables hold, how their rows become a model and how results become rows."""
