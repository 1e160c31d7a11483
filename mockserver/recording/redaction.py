"""Redaction: secrets in texts, JSON, event streams and HTTP messages replaced by placeholders, all else kept.

One placeholder stands for one secret everywhere, so ids and repetitions stay consistent; a placeholder is never
redacted again. What was found by its name is sought in all other places too, which takes a second pass."""

from __future__ import annotations

import gzip
import re
import zlib
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Final, TypeAlias

from mockserver.errors import UsageError
from mockserver.model.json import JSON, JSONReadError, as_list, as_object, read_text
from mockserver.model.request import Headers
from mockserver.model.sse import is_stream, read_event, split_events
from mockserver.recording.captures import Message, messages
from mockserver.recording.edits import Edit, Leaf, Path, apart, applied, cut, cut_text, distributed, leaves, spelled
from mockserver.recording.exchange import RecordedExchange
from mockserver.recording.secrets import ENCRYPTED, HARMLESS, MAYBE_NAMED, NAMED, PATTERNS, RANDOM, spellings

Hook: TypeAlias = Callable[[str], Iterable[str]]
"""Is given a text and names what in it is secret."""

_FORMS: Final = {"key": "REDACTED-{}", "org": "org-REDACTED-{}", "mail": "REDACTED-{}@example.com"}
_SCHEME: Final = re.compile(r"(?i)(?:bearer|basic|token) +")
_COOKIE: Final = re.compile(r"(?i)(?:^|; *|, *)(?!(?:domain|path|expires|max-age|samesite)=)[^=;,\s]+=([^;,\s]{6,})")
_DISTINCT: Final = re.compile(r"(?s).*[^A-Za-z\s]")
_BASE64: Final = re.compile(r"\s*(?:[A-Za-z0-9+/_-]{4}\s*){4,}(?:[A-Za-z0-9+/_-]{2,3}={0,2}\s*)?")
_TELLING: Final = ("type", "item_id", "output_index", "content_index", "summary_index")
_ENCRYPTED_START: Final = "gAAAAABREDACTED"
_LEAST: Final = 6
_SHORT: Final = 100


class Redactor:
    """Finds secrets by name, by form, by `patterns` (regular expressions, or the group `v` of one) and by a `hook`."""

    def __init__(self, patterns: Iterable[str] = (), hook: Hook | None = None) -> None:
        self._own = [*map(_compiled, patterns)]
        self._hook = hook
        self._placeholders: dict[str, str] = {}
        self._known: dict[str, str] = {}
        self._known_pattern: re.Pattern[str] | None = None
        # Short texts without secrets, as most of a stream are, until more is known.
        self._clean: set[str] = set()

    @property
    def placeholder(self) -> re.Pattern[str]:
        """What matches every placeholder."""
        return re.compile(r"(?:org-)?REDACTED-\d+(?:@example\.com)?|gAAAAABREDACTED[A-Za-z0-9_=-]*")

    @property
    def count(self) -> int:
        """How many secrets were replaced."""
        return len(self._placeholders)

    def exchanges(self, found: Sequence[RecordedExchange]) -> tuple[RecordedExchange, ...]:
        """The exchanges without secrets; what one tells by a name is removed from all."""
        for exchange in found:
            self.exchange(exchange)
        return tuple(map(self.exchange, found))

    def exchange(self, found: RecordedExchange) -> RecordedExchange:
        """One exchange with what is known so far; portions and times stay those of the text that is left."""
        sizes = [end - start for start, end in zip((0, *found.splits), found.splits, strict=False)]
        pieces = [*cut(found.reply_body, sizes)]
        parts = self._pieces(pieces)
        splits = tuple(accumulate(map(len, parts)))[: len(found.splits)]
        return replace(
            found,
            origin=self.text(found.origin),
            url=self.text(found.url),
            request_headers=self.headers(found.request_headers),
            request_body=self.data(found.request_body),
            reply_headers=self.headers(found.reply_headers),
            reply_body=b"".join(parts),
            splits=splits,
        )

    def headers(self, headers: Headers) -> Headers:
        return tuple((name, self.value(name, value)) for name, value in headers)

    def data(self, data: bytes) -> bytes:
        """Bytes that are text, of whatever kind; others as they are."""
        return self._pieces([data])[0] if data else data

    def text(self, text: str) -> str:
        """A text of whatever kind: JSON, an event stream, HTTP messages, prose."""
        return applied(text, self.edits(text))

    def value(self, name: str, text: str) -> str:
        """The value of a member, header or variable."""
        found = self._named(name, text)
        return self.text(text) if found is None else found

    def leaks(self, text: str) -> tuple[str, ...]:
        """What in a finished text is known as a secret, in short."""
        known = self._seek_known(text)
        return tuple(f"{text[edit.start : edit.start + 4]}…" for edit in known)

    # --- texts ---

    def edits(self, text: str) -> list[Edit]:
        """What to replace in a text, in order."""
        if len(text) < _LEAST or text in self._clean:
            return []
        found = self._edits(text)
        if not found and len(text) < _SHORT:
            self._clean.add(text)
        return found

    def _edits(self, text: str) -> list[Edit]:
        begin = text.lstrip()[:1]
        if begin in ("{", "[", '"') and not isinstance(read_text(text), JSONReadError):
            return self._json_edits(text)
        if is_stream(text):
            return self._stream_edits(text)
        found = self._base64(text)
        if found is not None:
            return [] if found == text else [Edit(0, len(text), found)]
        return self._plain_edits(text)

    def _plain_edits(self, text: str) -> list[Edit]:
        found = self._seek_known(text)
        for kind, pattern in (*PATTERNS, *(("key", one) for one in self._own)):
            for match in pattern.finditer(text):
                groups = match.groupdict()
                group = next((name for name in ("v", "w") if groups.get(name) is not None), 0)
                start, end = match.span(group)
                secret = text[start:end]
                if start < end and (pattern in self._own or not HARMLESS.fullmatch(secret)):
                    found.append(Edit(start, end, self._placeholder(kind, secret)))
        for secret in self._hook(text) if self._hook and text else ():
            found += [
                Edit(one.start(), one.end(), self._placeholder("key", secret))
                for one in re.finditer(re.escape(secret), text)
                if secret
            ]
        return apart(found)

    def _seek_known(self, text: str) -> list[Edit]:
        if self._known_pattern is None:
            words = sorted(self._known, key=len, reverse=True)
            self._known_pattern = re.compile("|".join(map(re.escape, words)) or r"(?!)")
        return [Edit(one.start(), one.end(), self._known[one[0]]) for one in self._known_pattern.finditer(text)]

    def _placeholder(self, kind: str, secret: str) -> str:
        found = self._placeholders.get(secret)
        if found is None:
            found = self._placeholders[secret] = _FORMS[kind].format(len(self._placeholders) + 1)
        return found

    def _learn(self, secret: str) -> str:
        """The placeholder of a secret that is sought elsewhere from now on."""
        placeholder = self._placeholder("key", secret)
        # A plain word has other uses.
        if len(secret) > _LEAST and secret not in self._known and _DISTINCT.match(secret):
            self._known |= dict.fromkeys(spellings(secret), placeholder)
            self._known_pattern = None
            self._clean.clear()
        return placeholder

    def _named(self, name: str, text: str) -> str | None:
        """The value of a name that holds a secret; None for any other name."""
        if name in ENCRYPTED and text:
            return self._encrypted(text)
        if not NAMED.fullmatch(name) and not (MAYBE_NAMED.fullmatch(name) and RANDOM.fullmatch(text)):
            return None
        if HARMLESS.fullmatch(text):
            return text
        scheme = _SCHEME.match(text)
        start = scheme.end() if scheme else 0
        if "cookie" in name.lower():
            for value in _COOKIE.findall(text):
                self._learn(value)
        return text[:start] + self._learn(text[start:])

    def _encrypted(self, text: str) -> str:
        if text.startswith(_ENCRYPTED_START):
            return text
        known = self._placeholders.get(text)
        if known is None:
            number = len(self._placeholders) + 1
            tail = urlsafe_b64encode(f"{number:06d}".encode()).decode()
            # As many characters as a Fernet token has a multiple of.
            known = self._placeholders[text] = f"{_ENCRYPTED_START}{tail}="
        return known

    def _base64(self, text: str) -> str | None:
        """A text that is base64 of a text with secrets; None where it is no base64 of a text."""
        if len(text) < 16 or not _BASE64.fullmatch(text):
            return None
        try:
            data = b64decode(text.translate(_URLSAFE), validate=False)
            packed = data.startswith(b"\x1f\x8b")
            inner = (gzip.decompress(data) if packed else data).decode()
        except (ValueError, OSError, EOFError, zlib.error):
            return None
        if not inner or not (inner.isprintable() or "\n" in inner):
            return None
        redacted = self.text(inner)
        if redacted == inner:
            return text
        made = redacted.encode()
        return b64encode(gzip.compress(made, mtime=0) if packed else made).decode()

    # --- JSON and streams ---

    def _json_edits(self, text: str) -> list[Edit]:
        value = read_text(text)
        edits: list[Edit] = []
        for leaf in leaves(text):
            changed = self._leaf(leaf, value, text)
            if changed is not None:
                edits.append(changed)
        return edits

    def _leaf(self, leaf: Leaf, document: JSON | JSONReadError, text: str) -> Edit | None:
        names = [step for step in leaf.path if isinstance(step, str)]
        name = names[-1] if names else ""
        if text[leaf.start] != '"':
            hidden = NAMED.fullmatch(name) and len(leaf.value) > 3
            return Edit(leaf.start, leaf.end, "0") if hidden else None
        if name == "value":
            # Archives list headers, parameters and cookies as names with values.
            name = "cookie" if "cookies" in leaf.path else _name_beside(document, leaf.path)
        changed = self.value(name, leaf.value)
        if changed == leaf.value:
            return None
        return Edit(leaf.start, leaf.end, spelled(changed, text[leaf.start : leaf.end]))

    def _stream_edits(self, text: str) -> list[Edit]:
        """The edits of each event's data; texts that are sent in deltas are redacted as a whole."""
        found: list[Edit] = []
        deltas: dict[tuple[object, ...], list[tuple[int, Leaf, str]]] = {}
        place = 0
        for part in split_events(text):
            data = read_event(part).data or ""
            value = read_text(data)
            at = part.find(data) if data else -1
            if isinstance(value, dict) and at >= 0:
                for leaf in leaves(data):
                    if "delta" in leaf.path and data[leaf.start] == '"':
                        key = _channel(value, leaf.path)
                        deltas.setdefault(key, []).append((place + at, leaf, data))
                    elif (edit := self._leaf(leaf, value, data)) is not None:
                        found.append(Edit(place + at + edit.start, place + at + edit.end, edit.text))
            else:
                found += [Edit(place + one.start, place + one.end, one.text) for one in self._plain_edits(part)]
            place += len(part)
        for pieces in deltas.values():
            values = [leaf.value for _, leaf, _ in pieces]
            name = next(step for step in reversed(pieces[0][1].path) if isinstance(step, str))
            whole = "".join(values)
            secret = self._named(name, whole) if len(pieces) == 1 else None
            edits = self.edits(whole) if secret is None else [Edit(0, len(whole), secret)]
            for (start, leaf, data), old, new in zip(pieces, values, distributed(values, edits), strict=True):
                if old != new:
                    written = spelled(new, data[leaf.start : leaf.end])
                    found.append(Edit(start + leaf.start, start + leaf.end, written))
        return apart(found)

    # --- bytes ---

    def _pieces(self, pieces: Sequence[bytes]) -> list[bytes]:
        """Pieces of one body; what is no UTF-8 is read byte by byte, so that it stays what it is."""
        whole = b"".join(pieces)
        if whole.startswith(b"\x1f\x8b"):
            return list(pieces)
        coding = "utf-8"
        try:
            texts = [piece.decode(coding) for piece in pieces]
        except UnicodeDecodeError:
            coding = "latin-1"
            texts = [piece.decode(coding) for piece in pieces]
        if len(pieces) > 1 and coding == "latin-1":
            try:
                # A character that is cut in two pieces belongs to the first.
                whole_text, coding = whole.decode("utf-8"), "utf-8"
            except UnicodeDecodeError:
                pass
            else:
                texts = cut_text(whole_text, pieces)
        edits = self.edits("".join(texts))
        if not edits:
            return list(pieces)
        return [piece.encode(coding, "replace") for piece in distributed(texts, edits)]

    def capture(self, data: bytes) -> bytes:
        """A raw capture, in which chunk sizes and content-length follow the bodies."""
        found: list[bytes] = []
        place = 0
        for message in messages(data):
            found += [data[place : message.start], self._message(message)]
            place = message.end
        return b"".join((*found, data[place:]))

    def _message(self, message: Message) -> bytes:
        pieces = self._pieces([*cut(message.body, message.sizes)])
        body = b"".join(pieces)
        lines = [self.text(message.first[0].decode("latin-1"))]
        was = str(len(message.body))
        for name, value in self.headers(message.headers):
            follows = name.lower() == "content-length" and value == was
            lines.append(f"{name}: {len(body) if follows else value}\r\n")
        head = "".join((*lines, "\r\n")).encode("latin-1", "replace")
        if not message.chunked:
            return head + body
        framed = b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in pieces if one)
        return head + framed + (b"0\r\n\r\n" if message.complete else b"")


_URLSAFE: Final = str.maketrans("-_", "+/")


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise UsageError(f"{pattern!r} is no regular expression: {error}") from None


def _name_beside(document: JSON | JSONReadError, path: Path) -> str:
    """The `name` beside a `value`."""
    holder: JSON = None if isinstance(document, JSONReadError) else document
    for step in path[:-1]:
        holder = _member(holder, step)
    name = as_object(holder).get("name")
    return name if isinstance(name, str) else "value"


def _member(holder: JSON, step: str | int) -> JSON:
    return as_object(holder)[step] if isinstance(step, str) else as_list(holder)[step]


def _channel(event: dict[str, JSON], path: Path) -> tuple[object, ...]:
    """What the deltas of one text have in common: the members that tell where they belong, indexes for places."""
    steps: list[object] = [str(event.get(name)) for name in _TELLING]
    holder: JSON = event
    for step in path:
        holder = _member(holder, step)
        steps.append(as_object(holder).get("index", step) if isinstance(step, int) else step)
    return tuple(map(str, steps))
