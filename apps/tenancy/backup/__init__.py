"""One store as one file: what it is made of, and how it is read and written."""
