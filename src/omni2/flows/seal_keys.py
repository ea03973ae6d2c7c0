"""The key that signs the ends of the chains, beside the other keys; its public half is for auditors."""

import base64
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from omni2.kernel.errors import Problem
from omni2.kernel.private import make_private

KEY_FILE = "seal.key"
PUBLIC_FILE = "seal.pub"


class Signer:
    """Signs with the installation's key."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()

    @property
    def public_text(self) -> str:
        """The public key, base64."""
        return base64.b64encode(self.public).decode()

    def sign(self, words: bytes) -> str:
        """Return a signature, base64."""
        return base64.b64encode(self._key.sign(words)).decode()


class Witness:
    """Checks signatures by public keys."""

    def __init__(self, publics: Iterable[bytes]) -> None:
        self._keys = [Ed25519PublicKey.from_public_bytes(public) for public in publics]

    @property
    def knows_keys(self) -> bool:
        """Whether there is any key to check by."""
        return bool(self._keys)

    def confirms(self, words: bytes, signature: str) -> bool:
        """Whether one of the keys made the signature."""
        try:
            raw = base64.b64decode(signature, validate=True)
        except ValueError:
            return False
        return any(_made(key, words, raw) for key in self._keys)


def load_signer(data: Path, configured: str | None) -> Signer:
    """Return the signer of an installation; its key is made on first use (mode 0600).

    With `OMNI2_SECRET_KEY` it is derived from that, so that all replicas sign alike.
    """
    if configured:
        signer = Signer(hashlib.sha256(b"omni2 seal\n" + configured.encode()).digest())
    else:
        path = data / KEY_FILE
        if not path.exists():
            make_private(data)
            _place(path, base64.b64encode(os.urandom(32)), mode=0o600)
        try:
            signer = Signer(base64.b64decode(path.read_bytes(), validate=True))
        except ValueError as error:
            raise Problem("seal_key_unreadable", 500, f"{path} is not a key of omni2.") from error
    _publish(data, signer.public)
    return signer


def load_witness(*paths: Path) -> Witness:
    """Return the witness by the public keys in these files, one a line; raise `Problem` without any."""
    found: list[bytes] = []
    for path in paths:
        try:
            found += [base64.b64decode(line, validate=True) for line in path.read_bytes().split()]
        except (OSError, ValueError) as error:
            raise Problem("seal_key_unreadable", 500, f"{path} holds no public key of omni2.") from error
    return Witness(found)


def _publish(data: Path, public: bytes) -> None:
    """Add the public key to the file of those that have signed here."""
    path, line = data / PUBLIC_FILE, base64.b64encode(public)
    known = path.read_bytes().split() if path.exists() else []
    if line not in known:
        make_private(data)
        with path.open("ab") as file:
            file.write(line + b"\n")


def _place(path: Path, content: bytes, *, mode: int) -> None:
    """Put a whole file in its place, unless another process was first."""
    with NamedTemporaryFile(dir=path.parent, delete=False) as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(file.name, path)
    except FileExistsError:
        return
    finally:
        Path(file.name).unlink()


def _made(key: Ed25519PublicKey, words: bytes, signature: bytes) -> bool:
    try:
        key.verify(signature, words)
    except InvalidSignature:
        return False
    return True
