"""Sealed columns: AES-GCM under a key file or `OMNI2_SECRET_KEY`, with the context bound in."""

import base64
import binascii
import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from omni2.kernel.errors import Problem
from omni2.kernel.private import make_private

_PREFIX = "v1."


class Sealer:
    """Seals and opens short secrets; a sealed value opens only under the context it was sealed for."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(hashlib.sha256(key).digest())

    def seal(self, secret: str, context: str) -> str:
        """Return the sealed form, text."""
        nonce = os.urandom(12)
        body = self._cipher.encrypt(nonce, secret.encode(), context.encode())
        return _PREFIX + base64.urlsafe_b64encode(nonce + body).decode()

    def open(self, sealed: str, context: str) -> str:
        """Return the secret; raise `Problem` when the key or the context is another one."""
        try:
            raw = base64.urlsafe_b64decode(sealed.removeprefix(_PREFIX))
            return self._cipher.decrypt(raw[:12], raw[12:], context.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise Problem(
                "secret_unreadable",
                503,
                "A stored credential cannot be opened with this key. Enter it again.",
            ) from error


def load_key(data: Path, configured: str | None) -> bytes:
    """Return the configured key, or the one in `DIR/secret.key`, made on first use (mode 0600)."""
    if configured:
        return configured.encode()
    path = data / "secret.key"
    if not path.exists():
        make_private(path.parent)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.urlsafe_b64encode(os.urandom(32)))
    return path.read_bytes()


def digest(secret: str) -> str:
    """Return the form in which tokens, sessions and links are stored: SHA-256, hex."""
    return hashlib.sha256(secret.encode()).hexdigest()
