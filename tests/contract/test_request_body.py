"""From the bytes of a request to an object, or to the answer that such bytes get."""

from __future__ import annotations

import gzip
import importlib
import zlib
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit import BODY_RULES, JSON, JSONObject, Rejection, Request, read_body, write_bytes
from tests.kit import REQUEST_BODY_MAX_DEPTH as MAX_DEPTH
from tests.kit import request_body as codings

brotli: Any = importlib.import_module("brotli")
zstd: Any = importlib.import_module("backports.zstd")

LIMIT = 100_000
JSON_TYPE = ("Content-Type", "application/json")
BODY: JSONObject = {"model": "gpt-5.4", "input": "grüße", "n": [1, 2.5, None, True]}
TEXT = write_bytes(BODY)


def bare_deflate(data: bytes) -> bytes:
    factory = zlib.compressobj(wbits=-15)
    return factory.compress(data) + factory.flush()


CODERS: dict[str, Any] = {
    "gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress,
    "zstd": zstd.compress,
}  # fmt: skip


def read(data: bytes, *headers: tuple[str, str], limit: int = LIMIT) -> JSONObject | Rejection:
    request = Request(method="POST", target="/", path="/", headers=headers or (JSON_TYPE,), body=data)
    return read_body(request, limit=limit)


def coded(data: bytes, coding: str, limit: int = LIMIT) -> JSONObject | Rejection:
    return read(data, JSON_TYPE, ("Content-Encoding", coding), limit=limit)


def refused(found: JSONObject | Rejection) -> tuple[str, int, JSON]:
    """Rule, status and code; type, param and path are the same for every body."""
    assert isinstance(found, Rejection)
    assert (found.error.type, found.error.param) == ("invalid_request_error", None)
    assert (found.finding.path, found.finding.message) == ("", found.error.message)
    return found.finding.rule, found.error.status, found.error.code


def sentence(found: JSONObject | Rejection) -> str:
    assert isinstance(found, Rejection)
    return found.error.message


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "application/json; charset=utf-8", "Application/JSON", "application/vnd.api+json", ""],
)
def test_json_is_read_under_its_media_types(media_type: str) -> None:
    assert read(TEXT, ("content-type", media_type)) == BODY


def test_a_body_without_a_content_type_is_read() -> None:
    request = Request(method="POST", target="/", path="/", body=TEXT)
    assert read_body(request, limit=LIMIT) == BODY


def nested(levels: int) -> bytes:
    return b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)


PARSE = "We could not parse the JSON body of your request: "

FAULTS: list[tuple[str, bytes, str]] = [
    ("body.present", b"", PARSE + "empty."),
    ("body.present", b" \r\n", PARSE + "empty."),
    ("body.json", b"{", PARSE + "expecting property name enclosed in double quotes at line 1 column 2."),
    ("body.json", b"hello", PARSE + "expecting value at line 1 column 1."),
    ("body.json", TEXT + b"x", PARSE),
    ("body.utf8", b'{"a":"\xff"}', PARSE + "invalid UTF-8 at byte 6."),
    ("body.members", b'{"a":1,"a":2}', PARSE + "duplicate member 'a'."),
    ("body.numbers", b'{"a":NaN}', PARSE + "NaN is not a JSON value."),
    ("body.numbers", b'{"a":-Infinity}', PARSE + "-Infinity is not a JSON value."),
    ("body.depth", nested(MAX_DEPTH + 1), PARSE + "nested too deeply."),
    ("body.depth", b"[" * 10_000 + b"]" * 10_000, PARSE + "nested too deeply."),
    ("body.depth", b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}", PARSE + "nested too deeply."),
]


@pytest.mark.parametrize(("rule", "data", "reported"), FAULTS)
def test_a_damaged_body_is_a_400_without_a_code(rule: str, data: bytes, reported: str) -> None:
    found = read(data)
    assert refused(found) == (rule, 400, None)
    assert sentence(found).startswith(reported)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"[]", "an array"), (b"null", "null"), (b"5", "an integer"), (b'"x"', "a string"), (b"1.5", "a decimal"),
        (b"true", "a boolean"),
    ],
)  # fmt: skip
def test_a_body_that_is_no_object_has_the_wrong_type(data: bytes, kind: str) -> None:
    found = read(data)
    assert refused(found) == ("body.object", 400, "invalid_type")
    assert sentence(found) == (f"Invalid type for the request body: expected an object, but got {kind} instead.")


def test_nesting_is_read_to_its_limit() -> None:
    assert isinstance(read(nested(MAX_DEPTH)), dict)


def test_many_brackets_side_by_side_are_not_deep() -> None:
    assert read(b'{"a":[' + b",".join([b"[{}]"] * 1000) + b"]}") == {"a": [[{}]] * 1000}


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "json"])
def test_another_media_type_is_a_415(media_type: str) -> None:
    found = read(TEXT, ("CONTENT-TYPE", f"{media_type}; charset=utf-8"))
    assert refused(found) == ("body.media_type", 415, "unsupported_content_type")
    assert sentence(found) == (
        f"Unsupported content type: '{media_type}'. This API method only accepts "
        "'application/json' requests. Please try again with a supported content type."
    )


@pytest.mark.parametrize("coding", CODERS)
def test_a_coded_body_is_read(coding: str) -> None:
    assert coded(CODERS[coding](TEXT), coding.upper()) == BODY


def test_deflate_is_read_without_its_frame_too() -> None:
    assert coded(bare_deflate(TEXT), "deflate") == BODY


def test_codings_are_taken_off_in_reverse_over_several_headers() -> None:
    data = zstd.compress(brotli.compress(gzip.compress(TEXT)))
    headers = (JSON_TYPE, ("Content-Encoding", "gzip, identity"), ("Accept", "*/*"), ("content-encoding", "br ,zstd"))
    assert read(data, *headers) == BODY


def test_identity_is_no_coding() -> None:
    assert coded(TEXT, "identity") == coded(TEXT, "") == BODY


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
def test_frames_behind_each_other_are_one_body(coding: str) -> None:
    assert coded(CODERS[coding](TEXT[:9]) + CODERS[coding](TEXT[9:]), coding) == BODY


@pytest.mark.parametrize("coding", CODERS)
@pytest.mark.parametrize("damage", ["cut", "swapped", "trailed"])
def test_a_damaged_encoding_is_reported(coding: str, damage: str) -> None:
    whole = CODERS[coding](TEXT)
    data = {"cut": whole[:-3], "swapped": b"\x00\xff" + whole[2:], "trailed": whole + b"\x01\x02"}
    found = coded(data[damage], coding)
    assert refused(found) == ("body.packed", 400, None)
    assert sentence(found).startswith(f"We could not unpack the '{coding}' body of your request: damaged: ")


def test_an_empty_coded_body_is_empty() -> None:
    assert refused(coded(b"", "gzip")) == ("body.present", 400, None)


@pytest.mark.parametrize("coding", CODERS)
def test_a_coded_body_is_measured_unpacked(coding: str) -> None:
    data = b'"' + b"x" * 998 + b'"'
    assert refused(coded(CODERS[coding](data), coding, limit=1000)) == ("body.object", 400, "invalid_type")
    found = coded(CODERS[coding](data), coding, limit=999)
    assert refused(found) == ("body.size", 413, None)
    assert sentence(found) == f"Request body in '{coding}' unpacks to more than 999 bytes."


@pytest.mark.parametrize("coding", CODERS)
def test_a_bomb_stops_at_the_limit(coding: str) -> None:
    assert refused(coded(CODERS[coding](b"0" * 50_000_000), coding))[0] == "body.size"


def test_a_body_that_was_too_large_to_be_read_is_rejected() -> None:
    request = Request(method="POST", target="/", path="/", oversize=True)
    found = read_body(request, limit=len(TEXT) - 1)
    assert refused(found) == ("body.size", 413, None)
    assert sentence(found) == f"Request body is larger than {len(TEXT) - 1} bytes."
    assert isinstance(found, Rejection)
    assert found.error.html is not None
    assert "413 Request Entity Too Large" in found.error.html


def test_an_unknown_coding_is_a_415_that_names_the_known_ones() -> None:
    found = coded(TEXT, "compress")
    assert refused(found) == ("body.coding", 415, "unsupported_content_encoding")
    assert sentence(found) == (
        "Unsupported content encoding: 'compress'; one of gzip, x-gzip, deflate, br, zstd is read."
    )


def test_a_pile_of_codings_is_a_415() -> None:
    data = TEXT
    for _ in range(5):
        data = gzip.compress(data)
    assert refused(coded(data, ",".join(["gzip"] * 5))) == ("body.coding", 415, "unsupported_content_encoding")


@pytest.mark.parametrize(("coding", "library"), [("br", "brotli 1.2 or newer"), ("zstd", "backports.zstd")])
def test_a_coding_whose_library_is_absent_is_a_clear_415(
    coding: str, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(codings, "import_module", absent)
    found = coded(CODERS[coding](TEXT), coding)
    assert refused(found) == ("body.coding", 415, "unsupported_content_encoding")
    assert sentence(found) == (
        f"Unsupported content encoding: '{coding}'; this server reads it once {library} is installed."
    )


def test_a_brotli_without_bounds_counts_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    old = SimpleNamespace(Decompressor=object)
    monkeypatch.setattr(codings, "import_module", lambda _: old)
    assert refused(coded(brotli.compress(TEXT), "br"))[0] == "body.coding"


def test_every_rule_of_a_body_has_a_case() -> None:
    elsewhere = {"body.media_type", "body.coding", "body.packed", "body.size", "body.object"}
    assert {rule.id for rule in BODY_RULES} == {rule for rule, *_ in FAULTS} | elsewhere
    assert len({rule.id for rule in BODY_RULES}) == len(BODY_RULES)


@given(st.binary(max_size=300), st.sampled_from(["", *CODERS]))
def test_any_bytes_are_read_or_rejected(data: bytes, coding: str) -> None:
    found = coded(data, coding, limit=10_000)
    assert isinstance(found, dict | Rejection)
