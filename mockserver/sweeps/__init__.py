"""Walking the places where a reply may break: cases for a suite, made before any server runs.

The public functions are had from `mockserver` itself; this package stays light, because the pytest
plugin tells it where scenarios lie.
"""
