"""A form of a scenario and the files beside it: written here and by others, and read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import UsageError
from mockserver.server.control_form import Sent, is_form, read_form, write_form

CURL = (
    b"--------------------------d74496d66958873e\r\n"
    b'Content-Disposition: form-data; name="gateway.yaml"; filename="gateway.yaml"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n"
    b"extends: openai\n\r\n"
    b"--------------------------d74496d66958873e\r\n"
    b'Content-Disposition: form-data; name="scenario"; filename="weather.yaml"\r\n\r\n'
    b"stubs: []\r\n"
    b"--------------------------d74496d66958873e--\r\n"
)
CURL_TYPE = "multipart/form-data; boundary=------------------------d74496d66958873e"


def test_a_form_as_curl_sends_it_is_read() -> None:
    assert read_form(CURL_TYPE, CURL) == Sent(
        scenario=b"stubs: []", kind="", files={"gateway.yaml": b"extends: openai\n"}
    )


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        (CURL_TYPE, True),
        ("Multipart/Form-Data;boundary=x", True),
        ("application/json", False),
        ("multipart/mixed; boundary=x", False),
        ("", False),
    ],
)
def test_a_form_is_told_by_its_type(content_type: str, expected: bool) -> None:
    assert is_form(content_type) is expected


NAMES = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1).filter(
    lambda name: name != "scenario" and name == name.strip()
)


@given(st.binary(), st.dictionaries(NAMES, st.binary(), max_size=3))
def test_what_is_written_is_read_again(scenario: bytes, files: dict[str, bytes]) -> None:
    sent = Sent(scenario=scenario, kind="application/yaml", files=files)
    assert read_form(*write_form(sent)) == sent


def test_a_boundary_is_never_in_the_data() -> None:
    sent = Sent(scenario=b"\r\n--mockserver-0--\r\n", kind="application/yaml", files={})
    content_type, body = write_form(sent)
    assert content_type == "multipart/form-data; boundary=mockserver-1"
    assert read_form(content_type, body) == sent


def field(name: str) -> bytes:
    return f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n1\r\n'.encode()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "the form has no field 'scenario', there is no field at all"),
        (field("a") + field("b") + b"--x--", "the form has no field 'scenario', there is 'a', 'b'"),
        (field("a") + field("a") + b"--x--", "the form has field 'a' twice"),
        (b"--x\r\n\r\n1\r\n--x--", "a field of the form has no name"),
        (field("") + b"--x--", "a field of the form has no name"),
    ],
)
def test_a_form_that_makes_no_sense_is_refused(body: bytes, error: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_form("multipart/form-data; boundary=x", body)
    assert str(refused.value) == error
