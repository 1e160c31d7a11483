"""The parser written in Python, brought to accept what the one written in C does.

PyYAML's own scanner ends a plain text in brackets at a question mark and refuses tabs behind a
token; YAML 1.2 and libyaml allow both. Without this the same scenario would be refused where
PyYAML was built without libyaml.
"""

from __future__ import annotations

import yaml
from yaml.tokens import ScalarToken

_BREAKS = "\r\n\x85\u2028\u2029"
_ENDS = f"\0 \t{_BREAKS}"
_FLOW = ",[]{}"


class PythonParser(yaml.SafeLoader):
    """Scans white space and plain texts as libyaml does."""

    def scan_to_next_token(self) -> None:
        """Pass over white space and comments; a new line in block context may begin a key."""
        while True:
            # A tab may not indent what could be a key.
            while self.peek() == " " or (self.peek() == "\t" and not self._indents):
                self.forward()
            if self.peek() == "#":
                while self.peek() not in f"\0{_BREAKS}":
                    self.forward()
            if not self._line_break():
                return
            if not self.flow_level:
                self.allow_simple_key = True

    def scan_plain(self) -> ScalarToken:
        """A plain text: words, and the white space between them."""
        start = end = self.get_mark()
        said: list[str] = []
        gap: list[str] = []
        while self.peek() != "#" and (word := self._word()):
            self.allow_simple_key = False
            said += [*gap, word]
            end = self.get_mark()
            gap = self._gap()
            if not gap or self._outdented:
                break
        return ScalarToken("".join(said), plain=True, start_mark=start, end_mark=end)

    @property
    def _indents(self) -> bool:
        return not self.flow_level and self.allow_simple_key

    @property
    def _outdented(self) -> bool:
        return not self.flow_level and self.column <= self.indent

    def _line_break(self) -> str:
        found: str = self.scan_line_break()  # type: ignore[no-untyped-call]  # so are its stubs
        return found

    def _word(self) -> str:
        length = 0
        while not self._ends_word(length):
            length += 1
        word: str = self.prefix(length)
        self.forward(length)
        return word

    def _ends_word(self, length: int) -> bool:
        inside = _FLOW if self.flow_level else ""
        here = self.peek(length)
        return here in _ENDS + inside or (here == ":" and self.peek(length + 1) in _ENDS + inside)

    def _gap(self) -> list[str]:
        """White space up to the next word; of line breaks the first alone becomes a space."""
        length = 0
        while self.peek(length) in " \t":
            length += 1
        blanks: str = self.prefix(length)
        self.forward(length)
        first = self._line_break()
        if not first:
            return [blanks] if blanks else []
        self.allow_simple_key = True
        more: list[str] = []
        while not self._at_document_mark:
            if self.peek() == " " or (self.peek() == "\t" and not self._outdented):
                self.forward()
            elif line_break := self._line_break():
                more.append(line_break)
            else:
                folded = [] if more else [" "]
                return ([first] if first != "\n" else folded) + more
        return []

    @property
    def _at_document_mark(self) -> bool:
        return self.column == 0 and self.prefix(3) in ("---", "...") and self.peek(3) in _ENDS
