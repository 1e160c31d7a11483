"""What a listener presents in TLS handshakes: its certificate, or what is wrong on purpose, by server name."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path

from mockserver.errors import UsageError
from mockserver.model.settings import Listening
from mockserver.server.certificates import LOCALHOST, Authority, server_context

_LOCAL = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*localhost\Z")
_CERTIFICATES = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n?", re.DOTALL)
# Contexts of names below localhost; a client that makes up names gets new ones.
_MOST_CONTEXTS = 256
# What a certificate is for that is not for the name asked for.
_OTHER_NAME = "other-name.localhost"


class TlsFault(StrEnum):
    """What is wrong with a handshake on purpose."""

    REFUSED = "refused"
    EXPIRED = "expired"
    WRONG_NAME = "wrong-name"


Contexts = Callable[[str, TlsFault | None], ssl.SSLContext]


class Tls:
    """`ca` is the certificate that clients are to trust, as PEM. `faults` are by server name, that under "" for
    every other name; `contexts` gives the context for a name and its fault."""

    def __init__(self, ca: str, contexts: Contexts, faults: Mapping[str, TlsFault]) -> None:
        self.ca = ca
        self._contexts = contexts
        self._faults = faults
        self.context = contexts("", None)
        self.context.sni_callback = self._present

    def context_for(self, name: str) -> ssl.SSLContext | None:
        """The context for a server name, "" for none; None where the handshake is refused on purpose."""
        name = name.lower()
        fault = self._faults.get(name, self._faults.get(""))
        return None if fault is TlsFault.REFUSED else self._contexts(name, fault)

    def _present(self, handshake: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> int | None:
        found = self.context_for(name or "")
        if found is None:
            return ssl.ALERT_DESCRIPTION_HANDSHAKE_FAILURE
        handshake.context = found
        return None


def read_tls(options: Listening) -> Tls | None:
    """The TLS of a listener, None for plain HTTP; writes the file `tls_ca`.

    Raises UsageError: the options contradict each other, a file cannot be used, or the extra `tls` is missing."""
    own = (options.tls_cert, options.tls_key)
    if options.tls and any(own):
        raise UsageError("'tls: self-signed' makes a certificate: leave it out, or tls_cert and tls_key")
    if any(own) and not all(own):
        given, missing = ("tls_cert", "tls_key") if own[0] else ("tls_key", "tls_cert")
        raise UsageError(f"{given!r} is given without {missing!r}: expected both")
    if not options.tls and not any(own):
        for name in ("tls_faults", "tls_ca"):
            if getattr(options, name):
                raise UsageError(f"{name.replace('_faults', '_fault')!r} needs TLS: expected 'tls: self-signed' too")
        return None
    faults = read_faults(options.tls_faults, signs=options.tls is not None)
    tls = Tls(*_self_signed() if options.tls else _given(*own), faults)
    if options.tls_ca:
        try:
            Path(options.tls_ca).write_text(tls.ca, encoding="ascii")
        except OSError as error:
            raise UsageError(f"'tls_ca': cannot write {options.tls_ca}: {error.strerror or error}") from error
    return tls


def read_faults(given: tuple[str, ...], *, signs: bool) -> dict[str, TlsFault]:
    """`[NAME=]FAULT` as faults by server name. Only a server that `signs` certificates has others than `refused`."""
    found: dict[str, TlsFault] = {}
    words = [one.value for one in TlsFault]
    for text in given:
        name, _, word = text.rpartition("=")
        if word not in words:
            near = get_close_matches(word, words, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(words)}"
            raise UsageError(f"'tls_fault': unknown fault {word!r}; {hint}")
        name, fault = name.lower(), TlsFault(word)
        if name in found:
            raise UsageError(f"'tls_fault': {f'server name {name!r}' if name else 'the listener'} has two faults")
        if fault is not TlsFault.REFUSED and not signs:
            raise UsageError(f"'tls_fault': {word!r} needs a certificate made for it: expected 'tls: self-signed'")
        if fault is not TlsFault.REFUSED and name and not _LOCAL.match(name):
            raise UsageError(
                f"'tls_fault': no certificate is made for {name!r}: expected localhost, a name such as "
                "expired.localhost, or 'refused'"
            )
        found[name] = fault
    return found


def _self_signed() -> tuple[str, Contexts]:
    authority = Authority()
    made: dict[tuple[str, TlsFault | None], ssl.SSLContext] = {}

    def context(name: str, fault: TlsFault | None) -> ssl.SSLContext:
        key = (name if _LOCAL.match(name) else LOCALHOST, fault)
        if key not in made:
            if len(made) >= _MOST_CONTEXTS:
                made.clear()
            names = [_OTHER_NAME] if fault is TlsFault.WRONG_NAME else [*dict.fromkeys((key[0], LOCALHOST))]
            made[key] = authority.context(names, expired=fault is TlsFault.EXPIRED)
        return made[key]

    return authority.pem, context


def _given(chain: str | None, key: str | None) -> tuple[str, Contexts]:
    assert chain is not None and key is not None  # noqa: S101, PT018  # `read_tls` has seen both
    for name, path in (("tls_cert", chain), ("tls_key", key)):
        try:
            Path(path).read_bytes()
        except OSError as error:
            raise UsageError(f"{name!r}: cannot read {path}: {error.strerror or error}") from error
    try:
        context = server_context(Path(chain), Path(key))
    except OSError as error:
        raise UsageError(
            f"'tls_cert' and 'tls_key': {chain} and {key} are no certificate and its key without a password, "
            f"as PEM ({error.args[-1]})"
        ) from error
    # The file may hold the key as well.
    text = Path(chain).read_text(encoding="ascii", errors="replace")
    return "".join(_CERTIFICATES.findall(text)), lambda _, __: context
