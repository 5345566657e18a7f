"""From records to triples, one module per kind of record; no files, no clock, no blank nodes."""
