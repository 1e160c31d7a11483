"""Fifty secrets, each in a place of its own of one exchange, and the exchange in files of every kind."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from urllib.parse import quote

import yaml

SHORT = "Qz7Wk2"
"""Begins every secret that has no form of its own."""


def _made(number: int) -> str:
    return f"{SHORT}n{number}x8Rt5Vy"


PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA" + _made(90) + "\n-----END RSA PRIVATE KEY-----"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"
ENCRYPTED = "gAAAAABpVYknaxDo2q_bqwMro87tHOmrsSMsWgfbCrFDFgCh0cj4iteN2yba=="

IN_TEXT = {
    "openai": "sk-proj-Ab12Cd34Ef56Gh78Ij90Kl12Mn34",
    "old": "sk-Ab12Cd34Ef56Gh78Ij90Kl12Mn34Op56",
    "anthropic": "sk-ant-api03-Ab12Cd34Ef56Gh78Ij90",
    "groq": "gsk_Ab12Cd34Ef56Gh78Ij90Kl12",
    "xai": "xai-Ab12Cd34Ef56Gh78Ij90Kl12",
    "hugging": "hf_Ab12Cd34Ef56Gh78Ij90Kl12",
    "google": "AIzaSyAb12Cd34Ef56Gh78Ij90Kl12Mn34Op5",
    "aws": "AKIAIOSFODNN7EXAMPLE",
    "github": "ghp_Ab12Cd34Ef56Gh78Ij90Kl12Mn34Op56Qr78",
    "github new": "github_pat_11ABCDEFG0Ab12Cd34Ef56",
    "gitlab": "glpat-Ab12Cd34Ef56Gh78Ij90",
    "slack": "xoxb-123456789012-Ab12Cd34Ef56Gh78",
    "npm": "npm_Ab12Cd34Ef56Gh78Ij90Kl12Mn34Op56Qr78",
    "jwt": JWT,
    "pem": PEM,
    "organization": "org-Ab12Cd34Ef56Gh78Ij90Kl12",
    "project": "proj_Ab12Cd34Ef56Gh78Ij90",
    "mail": "jane.doe+test@corp.example.org",
    "mail in a URL": "john.roe%40corp.example.org",
    "userinfo": "postgres://admin:" + _made(1) + "@db.internal/x",
    "assignment": "OPENAI_API_KEY=" + _made(2),
    "yaml assignment": "password: " + _made(3),
    "json in text": json.dumps({"client_secret": _made(4)}),
    "json in json": json.dumps(json.dumps({"refresh_token": _made(5)})),
    "basic": "Authorization: Basic " + b64encode(f"user:{_made(6)}".encode()).decode(),
    "bearer": "curl -H 'Authorization: Bearer " + _made(7) + "'",
    "cookie line": "Cookie: sid=" + _made(8) + "; theme=dark",
    "query": "https://api.example.org/x?api_key=" + _made(9) + "&page=2",
    "signed": "https://bucket.example.org/f?X-Amz-Signature=" + _made(10),
    "webhook": "https://hooks.slack.com/services/T0001/B0002/" + _made(11),
    "base64": b64encode(f'{{"password": "{_made(12)}"}}'.encode()).decode(),
    "tuned model": "ft:gpt-4o:" + _made(13).lower() + "::Abc1",
}
"""Texts with a secret, by what it is."""

# The part of a text that must not be anywhere afterwards, where it is not the whole.
_PARTS = {
    "userinfo": _made(1),
    "assignment": _made(2),
    "yaml assignment": _made(3),
    "json in text": _made(4),
    "json in json": _made(5),
    "basic": b64encode(f"user:{_made(6)}".encode()).decode(),
    "bearer": _made(7),
    "cookie line": _made(8),
    "query": _made(9),
    "signed": _made(10),
    "webhook": _made(11),
    "tuned model": _made(13).lower(),
    "pem": _made(90),
}
REQUEST_HEADERS = {
    "Authorization": f"Bearer {_made(20)}",
    "api-key": _made(21),
    "Cookie": f"session={_made(22)}; csrf={_made(23)}",
    "OpenAI-Organization": "acme-" + _made(24),
    "OpenAI-Project": _made(25),
    "X-Goog-Api-Key": _made(26),
    "Content-Type": "application/json",
}
REPLY_HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "Set-Cookie": f"__cf_bm={_made(30)}; path=/; domain=.api.example.org; HttpOnly",
    "openai-organization": "acme-" + _made(24),
    "x-ratelimit-limit-requests": "100",
}
URL = f"https://user:{_made(40)}@api.openai.com/v1/chat/completions?key={_made(41)}&sig={_made(42)}"
MEMBERS = {
    "metadata": {
        "api_key": _made(50),
        "AWS_SECRET_ACCESS_KEY": _made(51),
        "session_id": _made(52),
        "pin_password": "88",
    },
    "tool": {"server": {"authorization": _made(53), "headers": {"X-Api-Key": _made(54)}}},
    "user": "amy.poe@corp.example.org",
}
# What was seen in a header stands elsewhere too, as it is and in other spellings.
ECHOES = {
    "known": f"the token was {_made(20)}.",
    "known in base64": b64encode(f"id:{_made(21)}!".encode()).decode(),
    "known in a URL": quote(f"see {_made(26)}", safe=""),
}
ARGUMENTS = json.dumps({"to": "bob.low@corp.example.org", "password": _made(60), "n": 1})

SECRETS = (
    *(_PARTS.get(name, text) for name, text in IN_TEXT.items() if name != "base64"),
    IN_TEXT["base64"],
    *map(_made, (*range(20, 27), 30, 40, 41, 42, *range(50, 55), 60)),
    b64encode(f"id:{_made(21)}!".encode()).decode(),
    "amy.poe@corp",
    "bob.low@corp",
    ENCRYPTED,
)


def request_body() -> dict[str, object]:
    system = "\n".join(IN_TEXT[name] for name in sorted(IN_TEXT) if "json" not in name and name != "base64")
    return {
        "model": "gpt-5.4",
        "stream": True,
        "messages": [
            {"role": "system", "content": system},
            *({"role": "user", "content": IN_TEXT[name]} for name in ("json in text", "json in json", "base64")),
            *({"role": "user", "content": text} for text in ECHOES.values()),
            {"role": "user", "content": "Use " + IN_TEXT["openai"] + " please"},
        ],
        "metadata": MEMBERS["metadata"],
        "user": MEMBERS["user"],
        "tools": [{"type": "mcp", **MEMBERS["tool"]}],  # type: ignore[dict-item]  # a mapping
    }


def _chunk(delta: dict[str, object], finish: str | None = None) -> dict[str, object]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "gpt-5.4",
        "choices": [choice],
    }


def chunks() -> list[dict[str, object]]:
    """The text and the arguments of a call in pieces, which cut every secret in them."""
    text = "Here: " + IN_TEXT["old"] + " and " + IN_TEXT["mail"]
    pieces = [text[at : at + 5] for at in range(0, len(text), 5)]
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "mail", "arguments": ""}}
    parts = [ARGUMENTS[at : at + 4] for at in range(0, len(ARGUMENTS), 4)]
    return [
        _chunk({"role": "assistant", "content": ""}),
        *(_chunk({"content": piece}) for piece in pieces),
        _chunk({"tool_calls": [call]}),
        *(_chunk({"tool_calls": [{"index": 0, "function": {"arguments": part}}]}) for part in parts),
        _chunk({"reasoning_details": [{"type": "reasoning.encrypted", "encrypted_content": ENCRYPTED}]}),
        _chunk({}, "tool_calls"),
    ]


def stream() -> str:
    return "".join(f"data: {json.dumps(one, separators=(',', ':'))}\n\n" for one in chunks()) + "data: [DONE]\n\n"


def har() -> bytes:
    def pairs(headers: dict[str, str]) -> list[dict[str, str]]:
        return [{"name": name, "value": value} for name, value in headers.items()]

    content = {"mimeType": "text/event-stream", "encoding": "base64", "text": b64encode(stream().encode()).decode()}
    entry = {
        "request": {
            "method": "POST",
            "url": URL,
            "headers": pairs(REQUEST_HEADERS),
            "cookies": [{"name": "session", "value": REQUEST_HEADERS["Cookie"].split(";")[0].partition("=")[2]}],
            "postData": {"mimeType": "application/json", "text": json.dumps(request_body())},
        },
        "response": {"status": 200, "headers": pairs(REPLY_HEADERS), "content": content},
    }
    return json.dumps({"log": {"version": "1.2", "entries": [entry]}}, indent=1).encode()


def cassette(*, packed: bool = False) -> bytes:
    body: object = gzip.compress(stream().encode(), mtime=0) if packed else stream()
    interaction = {
        "request": {
            "method": "POST",
            "uri": URL,
            "headers": {name: [value] for name, value in REQUEST_HEADERS.items()},
            "body": json.dumps(request_body()),
        },
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {name: [value] for name, value in REPLY_HEADERS.items()},
            "body": {"string": body},
        },
    }
    head = f"# Recorded by {IN_TEXT['mail']} with {IN_TEXT['groq']}\n"
    return (head + yaml.safe_dump({"interactions": [interaction], "version": 1})).encode()


def capture(*, chunked: bool = True) -> bytes:
    body, answer = json.dumps(request_body()).encode(), stream().encode()
    target = URL.partition("api.openai.com")[2]
    head = "".join(f"{name}: {value}\r\n" for name, value in REQUEST_HEADERS.items())
    asked = (
        f"POST {target} HTTP/1.1\r\nHost: api.openai.com\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    )
    head = "".join(f"{name}: {value}\r\n" for name, value in REPLY_HEADERS.items())
    if not chunked:
        return asked + f"HTTP/1.1 200 OK\r\n{head}Content-Length: {len(answer)}\r\n\r\n".encode() + answer
    framed = b"".join(
        b"%x\r\n%s\r\n" % (len(part), part) for part in (answer[at : at + 100] for at in range(0, len(answer), 100))
    )
    return asked + f"HTTP/1.1 200 OK\r\n{head}Transfer-Encoding: chunked\r\n\r\n".encode() + framed + b"0\r\n\r\n"


FILES = {
    "har": har(),
    "cassette": cassette(),
    "packed cassette": cassette(packed=True),
    "zipped cassette": gzip.compress(cassette(), mtime=0),
    "chunked capture": capture(),
    "capture": capture(chunked=False),
    "stream": stream().encode(),
    "json": json.dumps(request_body()).encode(),
    "json cassette": json.dumps(yaml.safe_load(cassette())).encode(),
}
