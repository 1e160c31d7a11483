"""Plain HTTP to a whole server: one request, its answer; or a socket of one's own."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

# A net against hanging, far above what anything here takes.
NET_S = 60.0
KEY = {"authorization": "Bearer any"}
CHAT = "/v1/chat/completions"
RESPONSES = "/v1/responses"
COMPACT = "/v1/responses/compact"


class Answer:
    """`headers` by their names in lower case, `pairs` as they came."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.pairs = response.getheaders()
        self.headers = {name.lower(): value for name, value in self.pairs}
        self.body = response.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> Any:
        return self.json["error"]

    @property
    def events(self) -> list[str]:
        """The data of each event of a stream."""
        blocks = self.body.decode().split("\n\n")
        lines = [line for block in blocks for line in block.split("\n")]
        return [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]


def asking(text: str = "hello", path: str = CHAT, **members: object) -> dict[str, object]:
    """The body of a request to an endpoint."""
    if path.endswith("completions"):
        return {"model": "m", "messages": [{"role": "user", "content": text}], **members}
    return {"model": "m", "input": text, **members}


def send(url: str, method: str, path: str, body: object = None, headers: Mapping[str, str] = KEY) -> Answer:
    """Ask below a URL; bytes go as they are, anything else as JSON."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=NET_S)
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    try:
        connection.request(method, parts.path + path, data, dict(headers))
        return Answer(connection.getresponse())
    finally:
        connection.close()


def post(
    url: str, path: str = CHAT, body: object = None, headers: Mapping[str, str] = KEY, **members: object
) -> Answer:
    """POST a body, by default one that any stub answers."""
    if body is None:
        body = asking("hello", path, **members)
    return send(url, "POST", path, body, headers)


@contextmanager
def dial(url: str) -> Iterator[socket.socket]:
    """A bare connection to a server."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=NET_S) as line:
        yield line


def request_bytes(path: str, body: object = None, *headers: str, version: str = "1.1") -> bytes:
    """A POST as it goes over the wire; a path may be below a sandbox."""
    data = json.dumps(asking() if body is None else body).encode()
    lines = (
        f"POST {path} HTTP/{version}",
        "host: x",
        "authorization: Bearer any",
        f"content-length: {len(data)}",
        *headers,
    )
    return "\r\n".join((*lines, "", "")).encode() + data


def until(line: socket.socket, mark: bytes) -> bytes:
    """What comes up to and including a mark."""
    data = b""
    while mark not in data:
        piece = line.recv(65536)
        assert piece, f"the stream ended in {data!r}"
        data += piece
    return data


def rest(line: socket.socket) -> bytes:
    """What comes until the server closes."""
    data = b""
    while piece := line.recv(65536):
        data += piece
    return data
