"""Pricing: pure arithmetic on whole subunits. It reads no table and calls nobody."""
