"""From a document to the records of one plan; knows nothing of RDF."""
