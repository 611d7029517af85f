"""What people read first: the sheets Summary and Start, made from everything that was computed."""
