"""What customers said about orders."""
