"""A partner's webhook receiver as a real TLS server, with every bad habit there is."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import struct
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAME = "receiver.example.org"
WRONG = "somebody-else.example.org"
Habit = str
"""An answer's status, or: hang, reset, drip, drip head, redirect."""


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


@dataclass(frozen=True)
class Authority:
    """A certificate authority of this run alone."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def new(cls) -> Authority:
        """A fresh one."""
        key = ec.generate_private_key(ec.SECP256R1())
        usage = x509.KeyUsage(
            digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        certificate = (
            _builder("Test authority", "Test authority", key.public_key(), ends=datetime.now(UTC) + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        return cls(key, certificate)

    def trust(self) -> ssl.SSLContext:
        """What a client that believes only this authority uses."""
        context = ssl.create_default_context()
        context.load_verify_locations(cadata=self.certificate.public_bytes(serialization.Encoding.PEM).decode())
        return context

    def server(self, folder: Path, name: str = NAME, *, expired: bool = False) -> ssl.SSLContext:
        """A server's side for ``name``."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.certify(context, folder, name, expired=expired)
        return context

    def certify(self, context: ssl.SSLContext, folder: Path, name: str, *, expired: bool = False) -> None:
        """Gives a server's side a certificate for ``name``, in place of any before."""
        key = ec.generate_private_key(ec.SECP256R1())
        ends = datetime.now(UTC) + (timedelta(hours=-1) if expired else timedelta(days=1))
        signer = x509.SubjectKeyIdentifier.from_public_key(self.key.public_key())
        certificate = (
            _builder(name, "Test authority", key.public_key(), ends=ends)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(signer), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        file = folder / f"{name}{'-expired' if expired else ''}-{id(self)}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context.load_cert_chain(file)


def _builder(subject: str, issuer: str, key: ec.EllipticCurvePublicKey, *, ends: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - timedelta(days=2))
        .not_valid_after(ends)
    )


@cache
def authority() -> Authority:
    """The run's."""
    return Authority.new()


@dataclass(frozen=True)
class Call:
    """One request as it arrived."""

    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def id(self) -> str:
        """Its webhook-id."""
        return self.headers["webhook-id"]

    @property
    def content(self) -> dict[str, Any]:
        """Its body."""
        return json.loads(self.body)


@dataclass
class Receiver:
    """Answers each call by the next habit of its script, then by ``habit``; ``calls`` is all it has read."""

    habit: Habit = "204"
    script: list[Habit] = field(default_factory=list[Habit])
    headers: dict[str, str] = field(default_factory=dict[str, str])
    calls: list[Call] = field(default_factory=list[Call])
    accepted: list[Call] = field(default_factory=list[Call])
    at_once: int = 0
    most_at_once: int = 0
    port: int = 0
    sni: list[str | None] = field(default_factory=list[str | None])
    name: str = NAME

    def mend(self, tls: ssl.SSLContext, folder: Path) -> None:
        """From now on it is as it should be, its certificate too."""
        self.habit, self.script, self.headers = "204", [], {}
        authority().certify(tls, folder, self.name)

    @property
    def ids(self) -> list[str]:
        """The ids of what it accepted, in order."""
        return [call.id for call in self.accepted]

    def url(self, path: str = "/hook") -> str:
        """Where it listens, under its name."""
        return f"https://{self.name}:{self.port}{path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self._answer(reader, writer)
        finally:
            self.at_once -= 1
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:]) if name}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        call = Call(headers, body, asyncio.get_running_loop().time())
        self.calls.append(call)
        habit = self.script.pop(0) if self.script else self.habit
        if habit == "hang":
            await reader.read()  # until the other side has had enough
        elif habit == "reset":
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
        elif habit.startswith("drip"):
            await self._drip(writer, head=habit == "drip head", call=call)
        else:
            await self._say(writer, habit, call)

    async def _drip(self, writer: asyncio.StreamWriter, *, head: bool, call: Call) -> None:
        if not head:
            self.accepted.append(call)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        else:
            writer.write(b"HTTP/1.1 200 OK\r\n")
        while not writer.is_closing():
            writer.write(b"X-Drip: a\r\n" if head else b"a")
            await writer.drain()
            await asyncio.sleep(0.05)

    async def _say(self, writer: asyncio.StreamWriter, habit: Habit, call: Call) -> None:
        status = "302" if habit == "redirect" else habit
        if status.startswith("2"):
            self.accepted.append(call)
        extra = {**self.headers, **({"Location": "http://169.254.169.254/latest"} if habit == "redirect" else {})}
        lines = [f"HTTP/1.1 {status} So", *(f"{name}: {value}" for name, value in extra.items()), "Content-Length: 0"]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        await writer.drain()


@contextlib.asynccontextmanager
async def receiving(tls: ssl.SSLContext, **habits: Any) -> AsyncGenerator[Receiver]:
    """A receiver that listens on loopback."""
    receiver = Receiver(**habits)

    def note(_socket: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        receiver.sni.append(name)

    tls.sni_callback = note  # type: ignore[assignment]
    serving: Callable[..., Any] = receiver._serve
    server = await asyncio.start_server(serving, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        await asyncio.sleep(0)
