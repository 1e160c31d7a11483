"""From a reply to events, bytes and frames: what each endpoint puts on the wire."""
