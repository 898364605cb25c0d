"""Search: words in, products and facets out. ADR 13."""
