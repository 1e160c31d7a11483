"""What a client may send: bodies, schemas and pairings, judged as the upstream would judge them.

Nothing here does I/O. Schemas come in as parsed JSON, findings go out with the answer that the
upstream gives to them.
"""
