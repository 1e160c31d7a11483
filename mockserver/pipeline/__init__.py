"""From a scripted reply to its script, and the proof of replies at load."""
