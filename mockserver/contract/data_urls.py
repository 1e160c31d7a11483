"""Data URLs of images and files in requests: what the API says about their type and their bytes.

Sources: recorded 400 replies, 2025-06 to 2026-10, and 400 replies in public reports.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mockserver.model.json import JSON

if TYPE_CHECKING:
    from mockserver.contract.request_table import BodyCheck

_DATA_URL: Final = re.compile(r"data:(?P<type>[\w.+-]+/[\w.+-]+)[;,]")
# The first bytes of PNG, JPEG, GIF and WebP in base64.
_IMAGE_STARTS: Final = ("iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR")
# What is no URL: nothing, a local path, the bytes of an image alone.
_NO_URL: Final = re.compile(r"$|file:|/|" + "|".join(map(re.escape, _IMAGE_STARTS)))
# Recordings shorten or mask images; what is no base64, or too short for an image, is left alone.
_LOOKED_AT: Final = 1024
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]{14,}={0,2}")
# Media types that are no documents; what else is refused was not measured.
_NO_DOCUMENTS: Final = ("audio/", "video/")
_FILE_TYPES: Final = (
    "a valid file MIME type (e.g. 'data:text/plain;base64,SGVsbG8sIFdvcmxkIQ==')",
    (
        " Please see https://platform.openai.com/docs/assistants/tools/file-search#supported-files for supported "
        "file types."
    ),
)
_PDF_TYPE: Final = ("an application/pdf MIME type (e.g. 'data:application/pdf;base64,SGVsbG8sIFdvcmxkIQ==')", "")
_IMAGE_TYPE: Final = "an image MIME type (e.g. 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU=')"


def check_file_data(check: BodyCheck, data: str, path: str, *, pdf: bool = False) -> None:
    """Report a file whose data URL has the media type of no document; chat names PDF alone."""
    found = _DATA_URL.match(data)
    if found is not None and found["type"].startswith(_NO_DOCUMENTS):
        expected, more = _PDF_TYPE if pdf else _FILE_TYPES
        message = (
            f"Invalid file data: '{path}'. Expected a base64-encoded data URL with {expected}, but got unsupported "
            f"MIME type '{found['type']}'.{more}"
        )
        check.report("value", path, message, "invalid_value")


def check_image_url(check: BodyCheck, url: str, path: str, *, chat: bool = False) -> None:
    """Report an image whose URL is none, or a data URL with the media type of no image."""
    data_url = f"a base64-encoded data URL with {_IMAGE_TYPE}"
    found = _DATA_URL.match(url)
    if found is not None and not found["type"].startswith("image/"):
        problem = f"Expected {data_url}, but got unsupported MIME type '{found['type']}'."
    elif not _NO_URL.match(url):
        return
    elif chat:
        problem = f"Expected {data_url}, but got a value without the 'data:' prefix."
    else:
        problem = "Expected a valid URL, but got a value with an invalid format."
    start = "Invalid image URL:" if chat else "Invalid"
    check.report("value", path, f"{start} '{path}'. {problem}", "invalid_value")


def is_no_image(url: JSON) -> bool:
    """Whether a data URL of an image holds the bytes of something else."""
    if not isinstance(url, str) or not url.startswith("data:image/"):
        return False
    mark = url.find(";base64,", 0, _LOOKED_AT)
    start = mark + len(";base64,")
    if mark < 0 or url.startswith(_IMAGE_STARTS, start) or (len(url) - start) % 4:
        return False
    return _BASE64.fullmatch(url[start : start + _LOOKED_AT]) is not None
