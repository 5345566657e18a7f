"""A remote SPARQL 1.1 store that holds a release: asking it, writing to it, what it has loaded."""
