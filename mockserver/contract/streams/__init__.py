"""The walk through one stream: its grammar stepped event by event, and the invariants beside it."""
