"""From YAML to scenarios, every problem with its place."""
