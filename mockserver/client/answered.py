"""What a sandbox answers, said from a test: scenarios, stubs, gates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import TypeAlias

from mockserver.client.asked import AskedSandbox
from mockserver.client.caller import caller
from mockserver.client.control import Loaded
from mockserver.client.drafts import Drafts, ReplyGiven
from mockserver.client.filter import On
from mockserver.client.gate import Gate
from mockserver.client.plain import plain_object
from mockserver.client.upload import Playable, Upload
from mockserver.model.json import JSONObject
from mockserver.model.reply_function import ReplyFunction

Source: TypeAlias = "str | PathLike[str] | Mapping[str, object]"


class AnsweringSandbox(AskedSandbox):
    """Tells a sandbox what to answer; remembers it, to tell it again after a reset."""

    _loaded: tuple[Loaded, ...] = ()
    _kept: tuple[Loaded, ...] = ()

    def load(self, *sources: Source) -> None:
        """Load scenarios: by name or path, as YAML text of several lines, or as a mapping.

        One of an equal name is replaced. A bad scenario changes nothing.

        Raises:
            ScenarioError: every problem of the scenario, with file, line and column.
            UsageError: there is no such file.
        """
        if not sources:
            return
        file, line = self._finder.place(*caller())
        for source in sources:
            if isinstance(source, Mapping):
                self._upload(Upload(origin=file, line=line, body=plain_object(source)))
            elif isinstance(source, str) and "\n" in source:
                self._upload(Upload(origin=file, line=line, text=source))
            else:
                for found in self._finder.find(source):
                    self._upload(Upload(origin=found.origin, folder=found.folder, text=found.text))

    def play(self, case: Playable) -> None:
        """Load a case of `mockserver.cuts`, `reslicings` or `violations`; its scenario replaces
        one of an equal name."""
        self._upload(
            Upload(
                origin=case.origin, folder=case.folder, line=case.line or None, body=case.scenario
            )
        )

    def stub(
        self,
        *,
        on: On | None = None,
        when: Mapping[str, object] | None = None,
        reply: ReplyGiven | None = None,
        replies: Sequence[ReplyGiven] | None = None,
        times: int | str | None = None,
        then: str | None = None,
        priority: int | None = None,
        name: str | None = None,
    ) -> str:
        """Add a stub that may be called; the keywords are the keys of a scenario. Gives its name.

        Where the server is in this process, `reply` and the elements of `replies` may be functions
        from the request to a reply as a scenario writes it. They are called on the server's
        loop, which waits for them; what they give is proven like a scenario, and what is wrong
        with it is answered with 500 and is a finding.

        Raises:
            ScenarioError: what is wrong with it.
            UsageError: a function was given, and the server is elsewhere.
        """
        given = (("name", name), ("on", on), ("when", when), ("times", times))
        stub: dict[str, object] = {key: value for key, value in given if value is not None}
        if priority is not None:
            stub["priority"] = priority
        if then is not None:
            stub["then"] = then
        functions: tuple[ReplyFunction | None, ...] = ()
        if isinstance(reply, str) and replies is None:
            stub["reply"] = reply
        else:
            drafts = Drafts.of(reply=reply, replies=replies)
            stub |= drafts.written
            functions = drafts.functions
        place = self._finder.place(*caller())
        loaded = self._control.stub(self.name, stub, functions, place)
        self._loaded = (*self._loaded, loaded)
        return next(iter(loaded[0]), "")

    def expect(
        self,
        *,
        on: On | None = None,
        when: Mapping[str, object] | None = None,
        reply: ReplyGiven | None = None,
        replies: Sequence[ReplyGiven] | None = None,
        times: int | str = "1..",
        then: str | None = None,
        priority: int | None = None,
        name: str | None = None,
    ) -> str:
        """Add a stub that must be called, at least once where `times` does not say otherwise."""
        return self.stub(
            on=on,
            when=when,
            reply=reply,
            replies=replies,
            times=times,
            then=then,
            priority=priority,
            name=name,
        )

    def hold(self, stub: str, *, at: Mapping[str, object] | None = None) -> Gate:
        """Stop the replies of a stub before their first byte, or `at` a place written as for a
        fault (`{"after": "text.delta[0]"}`), until the gate releases them.

        `with sandbox.hold("weather") as gate:` releases all of them at its end. A reply that is
        held ends at once when its client leaves or the server stops. That a reply lacks the
        place is a finding.

        Raises:
            UsageError: there is no such stub, or this is no place.
        """
        body: JSONObject = {"stub": stub}
        if at is not None:
            body["at"] = plain_object(at)
        told = self._ask("POST", "gates", body=body)
        return Gate(told, self._ask, lambda: self.journal, may_wait=self._control.may_wait)

    def reset(self) -> None:
        """Return to the state of creation: its scenarios, nothing called, nothing recorded."""
        self._ask("POST", "reset")
        for _, again in self._kept:
            again()
        self._loaded = self._kept

    def keep(self) -> None:
        """Count what was loaded from here so far as the state of creation."""
        self._kept = self._loaded

    def _upload(self, upload: Upload) -> None:
        self._loaded = (*self._loaded, self._control.load(self.name, upload))
