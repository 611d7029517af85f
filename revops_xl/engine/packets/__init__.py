"""What managers ask for, added up."""
