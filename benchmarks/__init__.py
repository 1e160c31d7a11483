"""How fast the server is beside others, measured on one machine; `make bench` runs it all."""
