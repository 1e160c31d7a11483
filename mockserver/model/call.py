"""One endpoint's reading of a request: what conditions, replies and the journal ask about it."""

from __future__ import annotations

from mockserver.model.conversation import Conversation
from mockserver.model.endpoint import ENDPOINTS, Endpoint
from mockserver.model.json import JSON, JSONObject, read
from mockserver.model.request import Headers, Request
from mockserver.model.route import NO_PARAMETERS, PathParameters


class Call:
    """A request read as a call of an endpoint; each part is read at most once, on first use.

    `parameters` are the path's; `history` are the items of the stored conversation that it continues. The shape
    of the reply is the dialect's decision.
    """

    __slots__ = (
        "_body",
        "_conversation",
        "_data",
        "_headers",
        "_query",
        "_request",
        "_texts",
        "_tools",
        "endpoint",
        "history",
        "parameters",
    )

    def __init__(
        self,
        endpoint: Endpoint,
        body: JSONObject | None = None,
        *,
        headers: Headers = (),
        query: Headers = (),
        request: Request | None = None,
        data: bytes | None = None,
        parameters: PathParameters = NO_PARAMETERS,
        history: tuple[JSON, ...] = (),
    ) -> None:
        """`body` is the parsed JSON object; without it, it is parsed from `data`, or else from the
        body of the `request`. Headers and query are the request's, where there is one."""
        self.endpoint = endpoint
        self.parameters = parameters
        self.history = history
        self._body = body
        self._data = data
        self._headers = headers
        self._query = query
        self._request = request
        self._conversation: Conversation | None = None
        self._texts: str | None = None
        self._tools: tuple[str, ...] | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Call) and self._key() == other._key()

    __hash__ = None  # type: ignore[assignment]  # bodies are mutable

    def __repr__(self) -> str:
        return f"Call({self.endpoint!r}, {self.body!r})"

    def _key(self) -> tuple[object, ...]:
        return self.endpoint, self.body, self.headers, self.query, self.parameters

    def unread(self) -> Call:
        """The same call with nothing read yet, so that what is read of it is freed with it; itself
        where there are no bytes to read it from."""
        if self._data is None and self._request is None:
            return self
        return Call(
            self.endpoint,
            headers=self._headers,
            query=self._query,
            request=self._request,
            data=self._data,
            parameters=self.parameters,
            history=self.history,
        )

    @property
    def size_bytes(self) -> int:
        """Bytes held to parse the body from, those of the request not counted."""
        return 0 if self._data is None else len(self._data)

    @property
    def body(self) -> JSONObject:
        """The parsed JSON object; empty where the bytes are none."""
        body = self._body
        if body is None:
            data = self._data
            if data is None:
                data = b"" if self._request is None else self._request.body
            value = read(data)
            body = self._body = value if isinstance(value, dict) else {}
        return body

    @property
    def headers(self) -> Headers:
        """The request's headers."""
        return self._headers if self._request is None else self._request.headers

    @property
    def query(self) -> Headers:
        """The request's query."""
        return self._query if self._request is None else self._request.query

    @property
    def method(self) -> str:
        """The request's method; empty where there is no request."""
        return "" if self._request is None else self._request.method

    @property
    def path(self) -> str:
        """The request's path, decoded; empty where there is no request."""
        return "" if self._request is None else self._request.path

    @property
    def conversation(self) -> Conversation:
        """The messages or items of the body, with tool outputs joined to their calls."""
        found = self._conversation
        if found is None:
            found = ENDPOINTS[self.endpoint].conversation(self.body)
            if self.history:
                found = found.continuing(self.history)
            self._conversation = found
        return found

    @property
    def tools(self) -> tuple[str, ...]:
        """Names of the tools offered; a hosted tool without a name goes by its type."""
        found = self._tools
        if found is None:
            found = self._tools = ENDPOINTS[self.endpoint].tools(self.body)
        return found

    @property
    def model(self) -> str | None:
        """The requested model, from the body or in the path."""
        model = self.body.get("model")
        return model if isinstance(model, str) else self.parameters.get("model")

    @property
    def stream(self) -> bool:
        """Whether the request asks for a stream; the `Accept` header does not count."""
        return self.body.get("stream") is True

    @property
    def include_usage(self) -> bool:
        """Whether the request asks for usage in a chat stream."""
        options = self.body.get("stream_options")
        return isinstance(options, dict) and options.get("include_usage") is True

    @property
    def user(self) -> str | None:
        """Text of the last user message."""
        return self.conversation.user

    @property
    def input_text(self) -> str:
        """Every text of the request joined by newlines."""
        texts = self._texts
        if texts is None:
            texts = self._texts = "\n".join(self.conversation.texts)
        return texts
