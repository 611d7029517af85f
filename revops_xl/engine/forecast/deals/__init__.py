"""What a deal is worth: the chance to win it, and its value if won, learned from closed deals."""
