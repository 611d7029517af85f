"""What the bookings of the past say about the next periods."""
