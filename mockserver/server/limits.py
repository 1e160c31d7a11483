"""Bounds of connections."""

from __future__ import annotations

from mockserver.model.settings import Limits

__all__ = ["ADMIN_BODY_LIMIT", "Limits"]

ADMIN_BODY_LIMIT = 8 * 1024 * 1024
"""Bytes of an admin request's body; a scenario is far smaller."""
