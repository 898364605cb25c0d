"""Benchmarks: every figure stands beside the database's or the framework's own limit."""
