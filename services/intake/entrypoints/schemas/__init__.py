"""What partners send, how it is read, and what they get."""
