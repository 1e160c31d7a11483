"""The pytest plugin; importing it costs nothing until a fixture is asked for."""
