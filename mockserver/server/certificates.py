"""A certificate authority for the names of this machine, made when a server starts.

It is constrained to `localhost`, the names below it and the loopback addresses, so that whoever trusts
it trusts nothing else, and its key never leaves the process.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import ssl
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mockserver.errors import UsageError

LOCALHOST = "localhost"
VALID_FOR = dt.timedelta(days=7)
_ADDRESSES = ("127.0.0.1", "::1")
_NETWORKS = ("127.0.0.0/8", "::1/128")
# The clocks of a client in a container may be a little behind.
_SINCE = dt.timedelta(hours=1)
_EXPIRED = (dt.timedelta(days=3), dt.timedelta(days=1))
_NEEDS_EXTRA = (
    "'tls: self-signed' needs the package cryptography: expected the extra 'tls' "
    "(pip install 'llm-mockserver[tls]'), or a certificate of your own with tls_cert and tls_key"
)


class Authority:
    """Raises UsageError where the package cryptography is not installed."""

    def __init__(self) -> None:
        try:
            from cryptography import x509  # noqa: PLC0415  # of the extra `tls`
            from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415  # of the extra `tls`
            from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415  # of the extra `tls`
        except ImportError as error:
            raise UsageError(_NEEDS_EXTRA) from error
        # Without the extra its names have no types.
        self._x509: Any = x509
        self._hashes: Any = hashes
        self._serialization: Any = serialization
        self._ec: Any = ec
        self._key = self._new_key()
        self._name = self._named("mockserver, for localhost only")
        now = _now()
        builder = self._builder(self._name, self._key, now - _EXPIRED[0], now + VALID_FOR)
        names = [x509.DNSName(LOCALHOST), *(x509.IPAddress(ipaddress.ip_network(one)) for one in _NETWORKS)]
        usage = {
            **dict.fromkeys(("digital_signature", "key_cert_sign"), True),
            **dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False),
            **dict.fromkeys(("crl_sign", "encipher_only", "decipher_only"), False),
        }
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(x509.NameConstraints(names, None), critical=True)
        builder = builder.add_extension(x509.KeyUsage(**usage), critical=True)
        self._certificate = self._signed(builder)

    @property
    def pem(self) -> str:
        """Its certificate, for clients to trust."""
        return str(self._certificate.public_bytes(self._serialization.Encoding.PEM).decode())

    def context(self, names: Sequence[str], *, expired: bool = False) -> ssl.SSLContext:
        """A server's context with a certificate for `localhost` names, and for the loopback addresses if
        `localhost` is one of them."""
        x509, now, key = self._x509, _now(), self._new_key()
        begin, end = (now - _EXPIRED[0], now - _EXPIRED[1]) if expired else (now - _SINCE, now + VALID_FOR)
        addresses = map(ipaddress.ip_address, _ADDRESSES if LOCALHOST in names else ())
        allowed = [*map(x509.DNSName, names), *map(x509.IPAddress, addresses)]
        builder = self._builder(self._named(names[0][:64]), key, begin, end)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(x509.SubjectAlternativeName(allowed), critical=False)
        kinds = x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(kinds, critical=False)
        pem, kinds = self._serialization.Encoding.PEM, self._serialization
        return context_of(
            self._signed(builder).public_bytes(pem) + self.pem.encode(),
            key.private_bytes(pem, kinds.PrivateFormat.PKCS8, kinds.NoEncryption()),
        )

    def _new_key(self) -> Any:
        return self._ec.generate_private_key(self._ec.SECP256R1())

    def _named(self, name: str) -> Any:
        return self._x509.Name([self._x509.NameAttribute(self._x509.NameOID.COMMON_NAME, name)])

    def _builder(self, subject: Any, key: Any, begin: dt.datetime, end: dt.datetime) -> Any:
        x509, public = self._x509, key.public_key()
        issuer = self._key.public_key()
        builder = x509.CertificateBuilder(subject_name=subject, issuer_name=self._name, public_key=public)
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(begin).not_valid_after(end)
        identifier = x509.SubjectKeyIdentifier.from_public_key(public)
        builder = builder.add_extension(identifier, critical=False)
        return builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False)

    def _signed(self, builder: Any) -> Any:
        return builder.sign(self._key, self._hashes.SHA256())


def context_of(chain: bytes, key: bytes) -> ssl.SSLContext:
    """A context with this certificate and key. `ssl` reads keys from files alone: the key lies in one that only
    this user can read, as long as that takes."""
    with TemporaryDirectory(prefix="mockserver-") as folder:
        paths = []
        for name, data in (("chain.pem", chain), ("key.pem", key)):
            path = Path(folder) / name
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
            paths.append(path)
        return server_context(*paths)


def server_context(chain: Path, key: Path) -> ssl.SSLContext:
    """A context with the certificate and key of two files; raises OSError, which includes SSLError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    # Without a password an encrypted key would be asked for on the terminal.
    context.load_cert_chain(chain, key, password="")
    return context


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
