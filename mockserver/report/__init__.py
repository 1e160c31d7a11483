"""What people and programs are told: one renderer for reply bodies, pytest and the command line.

Text and JSON documents from the values of `core`, and nothing else: no clock, no colour, no file.
"""
