"""What the public functions of several domains share."""
