"""What requests and replies must be, as data: schemas, grammar tables, dialects, findings."""
