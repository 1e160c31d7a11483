"""Recorded exchanges: read from files of many tools, redacted, and written as a scenario that replays them."""
