"""What is read off a request before anybody judges it: any text at all is read, and read alike."""

from __future__ import annotations

from urllib.parse import quote, quote_from_bytes

from hypothesis import example, given
from hypothesis import strategies as st
from multidict import CIMultiDict

from tests.kit import AdminError, Dialects, Request, Shape, check, guard, key_of, parse_target, routing

OPENAI = Dialects().find("openai")
# What aiohttp hands over: text decoded with surrogates for what is no UTF-8.
WIRE = st.binary(max_size=40).map(lambda data: data.decode("utf-8", "surrogateescape"))
PIECES = st.sampled_from(
    ["/", "//", "?", "#", "%", "%2f", "%00", "%ff", "..", "sandbox", "__admin", "v1", "http://", ":"]
)
TARGETS = st.one_of(
    WIRE,
    st.text(max_size=30),
    st.lists(st.one_of(PIECES, WIRE), max_size=12).map("".join),
    st.lists(PIECES, max_size=12).map(lambda pieces: "/sandbox/" + "".join(pieces)),
)
NAMED = st.one_of(st.none(), WIRE)


@given(target=TARGETS, named=NAMED)
@example(target="", named="")
@example(target="*", named=None)
@example(target="http://[", named=None)
@example(target="/sandbox/", named="x")
@example(target="/sandbox//v1", named=None)
@example(target="/sandbox/%2f%2e%2e/__admin", named="x")
@example(target="/sandbox/a/sandbox/b/__admin/health", named=None)
@example(target="?a=%ff&=&&;%zz", named=None)
@example(target="/\ud800\udfff", named="\udcff")
def test_any_target_is_parsed(target: str, named: str | None) -> None:
    address = parse_target(target, named)
    assert address.path.startswith("/") or "%" in target or address.path == ""
    assert address.sandbox_name
    assert (address.admin is not None) is (f"{address.path}/".startswith("/__admin/"))
    routing((), OPENAI, ())[1].find("GET", address.path)
    assert parse_target(target, named) == address


@given(name=st.binary(min_size=1, max_size=30), below=TARGETS, named=NAMED)
@example(name=b"\xff", below="", named=None)
@example(name=b"..", below="/../..", named="x")
@example(name=b"a/b", below="__admin/health", named=None)
def test_a_sandbox_in_the_url_is_found_whatever_it_is_called(name: bytes, below: str, named: str | None) -> None:
    found = quote_from_bytes(name, safe="")
    address = parse_target(f"/sandbox/{found}/{below}", named)
    assert address.sandbox == name.decode("utf-8", "replace")
    assert address.path == parse_target(f"/{below}", None).path or below.startswith("sandbox/")


@given(path=st.text(max_size=30))
def test_a_quoted_path_is_unquoted(path: str) -> None:
    sound = path.encode("utf-8", "ignore").decode()
    address = parse_target(quote(f"/v1/{sound}", safe="/"), None)
    assert address.path == f"/v1/{sound}"


HEADERS = st.lists(
    st.tuples(
        st.one_of(st.sampled_from(["authorization", "Authorization", "x-api-key", "cookie"]), st.text(max_size=8)),
        st.one_of(WIRE, WIRE.map(lambda text: f"Bearer {text}"), st.just("bearer")),
    ),
    max_size=4,
).map(tuple)


@given(headers=HEADERS, accepted=st.lists(WIRE, max_size=2))
@example(headers=(("Authorization", "Bearer"),), accepted=[])
@example(headers=(("authorization", "bearer  a "), ("x-api-key", "b")), accepted=["b"])
@example(headers=(("authorization", "\udcff"),), accepted=["\udcff"])
def test_any_headers_have_a_key_or_none(headers: tuple[tuple[str, str], ...], accepted: list[str]) -> None:
    request = Request(method="POST", target="/", path="/", headers=headers)
    key = key_of(request, OPENAI)
    assert key is None or (key and key == key.strip())
    refused = check(request, OPENAI, accepted, Shape.CHAT)
    assert (refused is None) is (key is not None and (not accepted or key in accepted))
    if refused is not None:
        assert refused.error.status == 401
        assert key is None or len(key) <= 12 or key not in refused.error.message


@given(
    headers=st.dictionaries(
        st.sampled_from(["Origin", "Sec-Fetch-Site", "Authorization", "Host"]),
        st.one_of(WIRE, WIRE.map(lambda text: f"http://{text}"), st.just("http://["), st.just("[")),
    ),
    token=st.one_of(st.none(), WIRE),
    on_loopback=st.booleans(),
)
@example(headers={"Origin": "http://["}, token=None, on_loopback=True)
@example(headers={"Host": "["}, token=None, on_loopback=True)
@example(headers={"Authorization": "Bearer \udcff"}, token="\udcff", on_loopback=False)
def test_any_headers_pass_the_guard_or_are_refused(
    headers: dict[str, str], token: str | None, on_loopback: bool
) -> None:
    status = 0
    try:
        guard(CIMultiDict(headers), "reset", token, on_loopback=on_loopback)
    except AdminError as error:
        status = error.status
    known = headers.get("Authorization", "").partition(" ")[2].strip() == token
    assert status in (0, 401, 403)
    assert status or token is None or known
