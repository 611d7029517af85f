"""What people ask the product to do, from file to file; every host calls these."""
