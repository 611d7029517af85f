"""What several domains compute with."""
