"""Reports as text and JSON documents, for reply bodies, pytest and the command line.

Pure functions of the values of `model`: no clock, no colour, no file."""
