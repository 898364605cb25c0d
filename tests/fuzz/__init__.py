"""Schemathesis over the whole API, as each role."""
