"""Redaction: nothing planted is left in any kind of file, all else stays, and what it gives is valid and stable."""

from __future__ import annotations

import gzip
import json
from itertools import pairwise

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import UsageError
from tests.kit import Edit, RecordedExchange, RecordingError, Redactor, distributed, read_recording, scrubbed
from tests.recording import planted
from tests.recording.replay import asked, completion, exchange, replayed, said, written

BARE = {"stream", "json"}
"""Files with a body alone, in which no header tells what is secret."""


def plain(data: bytes) -> bytes:
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


def left(data: bytes) -> list[str]:
    return [secret for secret in planted.SECRETS if secret.encode() in data]


def test_more_than_fifty_secrets_are_planted() -> None:
    assert len(set(planted.SECRETS)) > 50
    assert len(left(plain(planted.FILES["capture"]))) >= 50


@pytest.mark.parametrize("name", planted.FILES.keys() - {"json"})
def test_no_planted_secret_is_left_in_a_file(name: str) -> None:
    found = scrubbed(planted.FILES[name], name, Redactor())
    assert left(plain(found)) == []
    for one in read_recording(found, name).exchanges:
        texts = (one.url.encode(), one.request_body, one.reply_body, repr(one.request_headers).encode())
        assert left(b"\n".join((*texts, repr(one.reply_headers).encode()))) == []


@pytest.mark.parametrize("name", planted.FILES)
def test_a_file_without_secrets_stays_what_it_is(name: str) -> None:
    found = scrubbed(planted.FILES[name], name, Redactor())
    assert scrubbed(found, name, Redactor()) == found


@pytest.mark.parametrize("name", planted.FILES.keys() - BARE)
def test_no_planted_secret_is_left_in_a_scenario(name: str) -> None:
    recorded = read_recording(planted.FILES[name], name).exchanges
    redactor = Redactor()
    clean = redactor.exchanges(recorded)
    text = written(clean).text
    assert left(text.encode()) == []
    assert redactor.leaks(text) == ()
    assert [said(one.body) for one in replayed(text, clean)] == [said(one.reply_body) for one in clean]


def test_a_known_secret_in_a_finished_text_is_a_leak() -> None:
    redactor = Redactor()
    redactor.value("api_key", "Qz7Wk2xRt5Vy")
    assert redactor.leaks("see Qz7Wk2xRt5Vy") == ("Qz7W…",)


def test_pieces_of_a_stream_still_add_up_and_keep_their_places() -> None:
    found = scrubbed(planted.stream().encode(), "stream", Redactor())
    before, after = said(planted.stream().encode()), said(found)
    assert len(before) == len(after)
    text = "".join(
        str(event["choices"][0]["delta"].get("content") or "")  # type: ignore[index,call-overload,union-attr]
        for _, event in after
        if isinstance(event, dict)
    )
    assert text == "Here: REDACTED-1 and REDACTED-2@example.com"


ALIKE = {
    "a member by name": ('{"api_key": "abc123xyz"}', '{"api_key": "REDACTED-1"}'),
    "a number by name": ('{"password": 12345, "n": 12345}', '{"password": 0, "n": 12345}'),
    "one secret, one placeholder": (
        '{"a": "x jo@ex.org", "b": "jo@ex.org"}',
        '{"a": "x REDACTED-1@example.com", "b": "REDACTED-1@example.com"}',
    ),
    "a key that is a secret": ('{"jo@ex.org": 1}', '{"REDACTED-1@example.com": 1}'),
    "spelling": (
        '{ "é":"\\u00e9", "k" : 1.50,"m":"jo@ex.org" }',
        '{ "é":"\\u00e9", "k" : 1.50,"m":"REDACTED-1@example.com" }',
    ),
    "a text alone": ('"jo@ex.org"', '"REDACTED-1@example.com"'),
    "a list": ('["jo@ex.org", ["jo@ex.org"]]', '["REDACTED-1@example.com", ["REDACTED-1@example.com"]]'),
    "names with values": (
        '[{"name": "X-Api-Key", "value": "abc123xyz"}, {"value": "abc", "name": 1}]',
        '[{"name": "X-Api-Key", "value": "REDACTED-1"}, {"value": "abc", "name": 1}]',
    ),
    "a cookie": ('{"cookie": "sid=abc123xyz; a=b", "x": "abc123xyz"}', '{"cookie": "REDACTED-2", "x": "REDACTED-1"}'),
    "a name that may be of a secret": (
        '{"x-token": "Ab12Cd34Ef56", "token": "Hello", "key": "name", "prompt_cache_key": "Ab12Cd34Ef56"}',
        '{"x-token": "REDACTED-1", "token": "Hello", "key": "name", "prompt_cache_key": "REDACTED-1"}',
    ),
    "cookies of an archive": (
        '{"cookies": [{"name": "s", "value": "plainword"}], "headers": [{"name": "s", "value": "plainword"}]}',
        '{"cookies": [{"name": "s", "value": "REDACTED-1"}], "headers": [{"name": "s", "value": "plainword"}]}',
    ),
    "two cookies": (
        '{"set-cookie": "a=abc123xyz; Path=/x1y2z3; Domain=api.e1.org", "x": "/x1y2z3 api.e1.org"}',
        '{"set-cookie": "REDACTED-2", "x": "/x1y2z3 api.e1.org"}',
    ),
    "broken JSON": ('{"password": "hunter22", ', '{"password": "REDACTED-1", '),
    "a scheme": ('{"authorization": "Bearer abc123xyz"}', '{"authorization": "Bearer REDACTED-1"}'),
    "a harmless value": ('{"api_key": "<KEY>", "token": "Hello", "max_tokens": 12345}', None),
    "ids and words": (
        '{"id": "resp_68af2b3c4d5e6f708192", "call": "call_Ab12Cd34Ef56Gh78", "t": "risk-adjusted-returns"}',
        None,
    ),
    "base64 of no secret": (json.dumps({"image": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB"}), None),
    "base64 of prose": (json.dumps({"file": "c29tZSBwbGFpbiB0ZXh0IHRoYXQgaXMgbG9uZw=="}), None),
    "bad base64": (json.dumps({"file": "H4sIAAAAAAAAAAAAAAAAAAAA"}), None),
    "base64 of no text": (json.dumps({"file": "AQIDBAUGBwgBAgMEBQYHCAEC"}), None),
    "a stream of texts": (
        "data: jo@ex.org\n\ndata: [jo@ex.org\n\n",
        "data: REDACTED-1@example.com\n\ndata: [REDACTED-1@example.com\n\n",
    ),
    "prose": ("The password is a secret, and basic authentication needs it: see organization charts.", None),
    "empty": ("", None),
}


@pytest.mark.parametrize(("text", "expected"), ALIKE.values(), ids=ALIKE)
def test_what_is_replaced_and_what_is_not(text: str, expected: str | None) -> None:
    redactor = Redactor()
    redactor.text(text)
    assert redactor.text(text) == (text if expected is None else expected)


def test_encrypted_reasoning_keeps_its_form() -> None:
    redactor = Redactor()
    text = json.dumps({"encrypted_content": planted.ENCRYPTED, "again": {"encrypted_content": planted.ENCRYPTED}})
    found = json.loads(redactor.text(text))
    assert found["encrypted_content"] == found["again"]["encrypted_content"]
    assert found["encrypted_content"].startswith("gAAAAAB")
    assert len(found["encrypted_content"]) % 4 == 0
    assert redactor.placeholder.fullmatch(found["encrypted_content"])
    assert json.loads(redactor.text(json.dumps(found))) == found


def test_patterns_and_a_hook_of_the_user_are_followed() -> None:
    redactor = Redactor([r"ticket (?P<v>\d+)", "ACME"], lambda text: ["Wayne"] if "Wayne" in text else [""])
    assert redactor.text("ticket 123456 of ACME for Wayne") == "ticket REDACTED-1 of REDACTED-2 for REDACTED-3"
    assert Redactor(["AC+ME!"]).text("at ACCME! now") == "at REDACTED-1 now"


def test_a_pattern_that_is_none_is_an_error_of_usage() -> None:
    with pytest.raises(UsageError, match=r"'\(' is no regular expression"):
        Redactor(["("])


def test_an_exchange_keeps_portions_and_times() -> None:
    body = "data: jo@ex.org é\n\ndata: [DONE]\n\n".encode()
    given = exchange(asked(), body, splits=(10, 19, len(body)), times_s=(0.1, 0.2, 0.3))
    found = Redactor().exchange(given)
    assert found.reply_body == "data: REDACTED-1@example.com é\n\ndata: [DONE]\n\n".encode()
    assert (found.splits, found.times_s) == ((28, 32, 47), (0.1, 0.2, 0.3))
    # Within a character that takes two bytes.
    cut = exchange(asked(), body, splits=(17, len(body)))
    assert Redactor().exchange(cut).splits == (31, 47)


def test_bytes_that_are_no_text_are_redacted_as_such() -> None:
    body = b"\xff\xfe jo@ex.org \xff"
    redactor = Redactor()
    assert redactor.data(body) == b"\xff\xfe REDACTED-1@example.com \xff"
    assert redactor.data(b"") == b""
    assert redactor.data(gzip.compress(b"jo@ex.org", mtime=0)) == gzip.compress(b"jo@ex.org", mtime=0)
    assert Redactor().exchange(exchange(asked(), body, splits=(3, len(body)))).splits == (3, 27)


@given(st.lists(st.text(max_size=4), max_size=6), st.data())
def test_edits_are_shared_out_among_pieces(pieces: list[str], data: st.DataObject) -> None:
    whole = "".join(pieces)
    ends = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6, unique=True)))
    edits = [Edit(start, end, "*") for start, end in list(pairwise(ends))[::2]]
    found = distributed(pieces, edits)
    expected = whole
    for edit in reversed(edits):
        expected = expected[: edit.start] + edit.text + expected[edit.end :]
    assert ("".join(found), len(found)) == (expected if pieces else "", len(pieces))


# --- files ---


def test_yaml_keeps_its_comments_tags_and_order() -> None:
    text = """\
# by jo@ex.org
b: &x !!python/unicode 'jo@ex.org'   # kept
a:
- |
  one jo@ex.org
  two
- *x
- {password: hunter22, n: 1}
jo@ex.org: >-
  folded
  text
"""
    assert (
        scrubbed(text.encode(), "f.yaml", Redactor()).decode()
        == """\
# by REDACTED-1@example.com
b: &x !!python/unicode "REDACTED-1@example.com"   # kept
a:
- "one REDACTED-1@example.com\\ntwo\\n"
- *x
- {password: "REDACTED-2", n: 1}
"REDACTED-1@example.com": >-
  folded
  text
"""
    )


def test_a_binary_scalar_is_looked_into() -> None:
    packed = yaml.safe_dump({"body": {"string": gzip.compress(b'{"m": "jo@ex.org"}', mtime=0)}}).encode()
    found = yaml.safe_load(scrubbed(packed, "f.yaml", Redactor()))
    assert gzip.decompress(found["body"]["string"]) == b'{"m": "REDACTED-1@example.com"}'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [\njo@ex.org", "a: [\nREDACTED-1@example.com"),
        ("jo@ex.org wrote\n", "REDACTED-1@example.com wrote\n"),
        ("\ufeff{}\n", "\ufeff{}\n"),
        ("", ""),
    ],
    ids=["broken YAML", "prose", "a byte order mark", "nothing"],
)
def test_a_file_of_no_known_kind_is_text(text: str, expected: str) -> None:
    assert scrubbed(text.encode(), "f", Redactor()).decode() == expected


def test_a_file_that_is_no_text_is_an_error() -> None:
    with pytest.raises(RecordingError, match="f:1: not UTF-8: byte 0xff"):
        scrubbed(b"\xff", "f", Redactor())


def test_a_zipped_file_without_secrets_is_left_alone() -> None:
    data = gzip.compress(b"a: 1\n", mtime=7)
    assert scrubbed(data, "f.gz", Redactor()) == data


def test_a_capture_keeps_its_framing() -> None:
    body = b'{"m":"jo@ex.org"}'
    framed = b"%x\r\n%s\r\n%x\r\n%s\r\n" % (9, body[:9], len(body) - 9, body[9:])
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    [found] = read_recording(scrubbed(head + framed + b"0\r\n\r\n", "f", Redactor()), "f").exchanges
    assert (found.reply_body, found.complete) == (b'{"m":"REDACTED-1@example.com"}', True)
    [cut] = read_recording(scrubbed(head + framed, "f", Redactor()), "f").exchanges
    assert (cut.reply_body, cut.complete) == (b'{"m":"REDACTED-1@example.com"}', False)


def test_a_request_matches_with_its_own_words_too() -> None:
    body = json.dumps(completion()).encode()
    given = (exchange(asked("mail jo@ex.org now"), body), exchange(asked("mail nobody now"), body, status=500))
    redactor = Redactor()
    clean = redactor.exchanges(given)
    from tests.kit import ReplyWriter, scenario_text
    from tests.recording.replay import DIALECTS

    text = scenario_text(clean, name="x", writer=ReplyWriter(dialects=DIALECTS), placeholder=redactor.placeholder).text
    assert "jo@ex.org" not in text
    for requests in (given, clean):
        assert [one.status for one in replayed(text, requests)] == [200, 500]


def test_the_redacted_exchange_is_a_value() -> None:
    found = Redactor().exchange(RecordedExchange(origin="o", url="https://a:b1c2d3@h/?key=abc123xyz&x=1"))
    assert found == RecordedExchange(origin="o", url="https://REDACTED-1@h/?key=REDACTED-2&x=1")
