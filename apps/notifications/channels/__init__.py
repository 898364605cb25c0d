"""How messages travel: one file per channel."""
