"""What buyers send to pay less, or otherwise, than the store asks."""
