"""Packets, what comes back of them, what is asked in them, and the roll-up."""
