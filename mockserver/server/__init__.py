"""The shell around the pure rooms: reading requests, performing scripts, the control routes."""
