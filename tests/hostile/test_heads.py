"""Heads that no honest client sends: a refusal or a close, and never more than one answer."""

from __future__ import annotations

import json

import pytest

from tests.hostile.watched import CHAT, HELLO, Line, head_bytes, lives_on, post_bytes

CHUNKED = b"transfer-encoding: chunked"
POST = b"POST " + CHAT.encode() + b" HTTP/1.1"
KIB = 1024

# What two servers in a row could read in two ways.
SMUGGLED = {
    "a length beside chunks": post_bytes(CHAT, CHUNKED),
    "a length beside another coding": post_bytes(CHAT, b"transfer-encoding: identity"),
    "two lengths": post_bytes(CHAT, b"content-length: 3"),
    "the same length twice": post_bytes(CHAT, b"content-length: %d" % len(HELLO)),
    "a list of lengths": head_bytes(POST, b"content-length: 5, 5") + b"hello",
    "a length with a sign": head_bytes(POST, b"content-length: +5") + b"hello",
    "a negative length": head_bytes(POST, b"content-length: -5") + b"hello",
    "a length in hex": head_bytes(POST, b"content-length: 0x5") + b"hello",
    "a length in other digits": head_bytes(POST, "content-length: ٥".encode()) + b"hello",
    "a length beyond 64 bits": head_bytes(POST, b"content-length: " + b"9" * 30),
    "a length of nothing": head_bytes(POST, b"content-length:") + b"hello",
    "an unknown transfer coding": head_bytes(POST, b"transfer-encoding: xchunked"),
    "chunks that are not last": head_bytes(POST, b"transfer-encoding: chunked, identity"),
    "chunked twice in one header": head_bytes(POST, b"transfer-encoding: chunked, chunked"),
    "chunked in two headers": head_bytes(POST, CHUNKED, CHUNKED),
    "a blank before the colon": head_bytes(POST, b"transfer-encoding : chunked"),
    "a tab before the name": head_bytes(POST, b"\ttransfer-encoding: chunked"),
    "two hosts": post_bytes(CHAT, b"host: y"),
    "no host": POST + b"\r\ncontent-length: 0\r\n\r\n",
    "a header folded over two lines": post_bytes(CHAT, b"x-one: a", b" b"),
    "NUL in a value": post_bytes(CHAT, b"x-one: a\0b"),
    "NUL in a name": post_bytes(CHAT, b"x\0one: a"),
    "CR in a value": post_bytes(CHAT, b"x-one: a\rcontent-length: 3"),
    "LF for CRLF": post_bytes().replace(b"\r\n", b"\n"),
    "a header without a name": post_bytes(CHAT, b": a"),
    "a header without a colon": post_bytes(CHAT, b"nothing"),
}


@pytest.mark.parametrize("sent", SMUGGLED.values(), ids=SMUGGLED)
def test_ambiguous_framing_is_rejected_and_the_connection_closes(sent: bytes, line: Line) -> None:
    line.send(sent)
    answered = line.reply()
    assert answered is not None
    assert answered[0] == 400
    assert json.loads(answered[1])["error"]["type"] == "mockserver_malformed"
    assert not lives_on(line)


OUTSIZED = {
    "thousands of headers": post_bytes(CHAT, *(b"x-%d: y" % n for n in range(50_000))),
    "a value of a mebibyte": post_bytes(CHAT, b"x: " + b"y" * KIB * KIB),
    "a name of a mebibyte": post_bytes(CHAT, b"x" * KIB * KIB + b": y"),
    "many long values": post_bytes(CHAT, *(b"x-%d: %b" % (n, b"y" * 60_000) for n in range(100))),
    "values just below the limit of a line": post_bytes(CHAT, *(b"x-%d: %b" % (n, b"y" * 65_000) for n in range(5))),
    "a query of a mebibyte": post_bytes(f"{CHAT}?a={'b' * KIB * KIB}"),
    "a query of 64 KiB": post_bytes(f"{CHAT}?a={'b' * 64 * KIB}"),
    "a path of 64 KiB": post_bytes("/" + "a" * 64 * KIB),
    "a method without end": b"X" * KIB * KIB,
    "a head without end": head_bytes(POST)[:-2] + b"".join(b"x: y\r\n" for _ in range(100_000)),
    "nothing but line ends": b"\r\n" * 100_000 + b"x",
}


@pytest.mark.parametrize("sent", OUTSIZED.values(), ids=OUTSIZED)
def test_a_head_beyond_the_limit_is_refused_or_cut_off(sent: bytes, line: Line) -> None:
    line.send(sent)
    answered = line.reply()
    assert answered is None or answered[0] in (400, 408, 431)
    assert not lives_on(line)


def test_a_query_below_the_limit_passes(line: Line) -> None:
    line.send(post_bytes(f"{CHAT}?a={'b' * 60 * KIB}"))
    assert line.reply() is not None
    assert lives_on(line)


# A target, and what comes of it: the status of the answer.
TARGETS: dict[str, tuple[bytes, int]] = {
    "absolute form": (b"http://elsewhere" + CHAT.encode(), 200),
    "absolute form with a query": (b"http://elsewhere" + CHAT.encode() + b"?a=b", 200),
    "absolute form of another scheme": (b"ftp://elsewhere" + CHAT.encode(), 200),
    "absolute form without a path": (b"http://elsewhere", 404),
    "absolute form with a broken host": (b"http://[" + CHAT.encode(), 400),
    "absolute form with a broken port": (b"http://x:port/", 400),
    "absolute form with nothing": (b"http://", 400),
    "authority form": (b"elsewhere:80", 400),
    "asterisk form": (b"*", 400),
    "no slash": (b"v1/chat/completions", 400),
    "nothing": (b"", 400),
    "encoded slashes": (b"/v1%2fchat%2Fcompletions", 200),
    "dots": (b"/v1/../v1/chat/completions", 404),
    "encoded dots": (b"/v1/%2e%2e/v1/chat/completions", 404),
    "two slashes at first": (b"/" + CHAT.encode(), 404),
    "two slashes and a broken host": (b"//[" + CHAT.encode(), 404),
    "an encoded NUL": (CHAT.encode() + b"%00", 404),
    "encoded CR and LF": (CHAT.encode() + b"%0d%0ax-injected:%20y", 404),
    "an invalid escape": (b"/v1/%zz/%", 404),
    "escapes that are no UTF-8": (b"/v1/%ff%fe", 404),
    "escapes of a surrogate": (b"/v1/%ed%a0%80", 404),
    "bytes beyond ASCII": ("/v1/é".encode(), 400),
    "bytes that are no UTF-8": (b"/v1/\xff", 400),
    "control characters": (b"/v1/\x01\x7f", 400),
    "NUL": (b"/v1/\0", 400),
    "a blank": (b"/v1/ chat", 400),
    "a fragment": (CHAT.encode() + b"#there", 200),
    "an odd query": (CHAT.encode() + b"?a=%ff&%=&=&&%zz&a=;;", 200),
    "a query of many members": (CHAT.encode() + b"?" + b"a&" * 30_000, 200),
}


@pytest.mark.parametrize(("target", "status"), TARGETS.values(), ids=TARGETS)
def test_every_target_is_answered_once(target: bytes, status: int, line: Line) -> None:
    line.send(post_bytes(target))
    answered = line.reply()
    assert answered is not None
    assert answered[0] == status
    assert b"x-injected" not in answered[1].split(b"\n")
    assert lives_on(line) is (status != 400)


# Names of sandboxes as URLs and headers may have them.
NAMES = {
    "dots": b"..",
    "an encoded slash": b"%2f",
    "NUL": b"%00",
    "CR and LF": b"%0d%0amockserver%20ready",
    "an escape sequence": b"%1b%5b2J",
    "no UTF-8": b"%ff%fe",
    "a surrogate": b"%ed%a0%80",
    "right to left": b"%e2%80%ae",
    "a name of python": b"__class__",
    "a format": b"{0.__class__}%25s",
    "50,000 characters": b"x" * 50_000,
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("way", ["url", "header"])
def test_a_sandbox_may_have_any_name(name: bytes, way: str, line: Line) -> None:
    if way == "url":
        sent = post_bytes(b"/sandbox/" + name + CHAT.encode())
    else:
        named = name.replace(b"%ff", b"\xff").replace(b"%e2%80%ae", "\u202e".encode())
        sent = post_bytes(CHAT, b"x-mockserver-sandbox: " + named)
    assert line.ask(sent) == 200
    assert lives_on(line)
    line.send(head_bytes(b"GET /__admin/sandboxes HTTP/1.1"))
    listed = line.reply()
    assert listed is not None
    assert listed[0] == 200


METHODS = {
    "CONNECT": (head_bytes(b"CONNECT x:80 HTTP/1.1"), 404, True),
    "CONNECT to a broken host": (head_bytes(b"CONNECT [::: HTTP/1.1"), 404, True),
    "CONNECT and what is meant for the other": (
        head_bytes(b"CONNECT x:80 HTTP/1.1") + b"\x16\x03\x01\x00\x05hello",
        404,
        False,
    ),
    "OPTIONS of everything": (head_bytes(b"OPTIONS * HTTP/1.1"), 204, True),
    "an unknown method": (head_bytes(b"SUMMON / HTTP/1.1"), 400, False),
    "a method in lower case": (head_bytes(b"post / HTTP/1.1"), 400, False),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, False),
    "HTTP/2": (post_bytes().replace(b"HTTP/1.1", b"HTTP/2.0"), 400, False),
    "HTTP/9.9": (post_bytes().replace(b"HTTP/1.1", b"HTTP/9.9"), 400, False),
    "HTTP/0.9": (b"GET /\r\n\r\n", 400, False),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), 400, False),
    "an upgrade and a request behind it": (post_bytes(CHAT, b"connection: upgrade", b"upgrade: websocket"), 200, True),
    "an upgrade and garbage behind it": (
        post_bytes(CHAT, b"connection: upgrade", b"upgrade: websocket") + b"\0\0\0",
        200,
        False,
    ),
    "an unknown expectation": (post_bytes(CHAT, b"expect: wonders"), 200, True),
}


@pytest.mark.parametrize(("sent", "status", "on"), METHODS.values(), ids=METHODS)
def test_odd_methods_and_versions_are_answered_once(sent: bytes, status: int, on: bool, line: Line) -> None:
    assert line.ask(sent) == status
    if on:
        assert lives_on(line)
        return
    refused = line.reply()
    assert refused is None or refused[0] == 400
    assert not lives_on(line)


BYTES = {
    "key": b"x-api-key: \xff\xfe",
    "media type": b"content-type: \xff",
    "coding": b"content-encoding: \xff",
    "expectation": b"expect: \xff",
    "a header of no meaning": b"x-one: \x80\xff",
    "host": b"",
}


@pytest.mark.parametrize("header", BYTES.values(), ids=BYTES)
def test_headers_may_hold_any_bytes(header: bytes, line: Line) -> None:
    assert line.ask(post_bytes(CHAT, header) if header else post_bytes().replace(b"127.0.0.1", b"\xff[")) in (200, 415)
    assert lives_on(line)


# What would lead a web page or a stranger into the control routes.
DOORS = {
    "a broken origin": (b"origin: http://[", 403),
    "an origin of bytes": (b"origin: \xff", 403),
    "another site": (b"sec-fetch-site: cross-site", 403),
    "a page of a file": (b"origin: null", 403),
    "a key of bytes": (b"authorization: Bearer \xff", 200),
}


@pytest.mark.parametrize(("header", "status"), DOORS.values(), ids=DOORS)
def test_the_admin_routes_handle_any_header(header: bytes, status: int, line: Line) -> None:
    assert line.ask(b"GET /__admin/sandboxes HTTP/1.1\r\nhost: 127.0.0.1\r\n" + header + b"\r\n\r\n") == status
    assert lives_on(line)
