"""Argon2id in a bounded pool: a flood of sign-ins queues here and starves nothing else."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from omni2.kernel.errors import Problem

MIN_LENGTH = 12
MAX_LENGTH = 256
_MAX_WAITING = 32
# What is verified for whom we do not know: as dear as every hash that we make, and made once for all.
DECOY = "$argon2id$v=19$m=19456,t=2,p=1$lirD6T5ekYomK1DzosXxMw$eMxES+6AXUwVBzQRjOsemttbTGRilwegNnwsSFkO7dc"
T = TypeVar("T")


class Passwords:
    """Hashes and verifies at 19 MiB, two passes, one lane (about 50 ms each)."""

    def __init__(self, workers: int) -> None:
        self._hash = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="argon2")
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """Return the stored form; raise `Problem` password_weak for one that is too weak."""
        require_strong(password)
        return await self._run(lambda: self._hash.hash(password))

    async def verify(self, password: str, stored: str | None) -> bool:
        """Whether `password` is the stored one; takes as long when there is none."""
        right = await self._run(lambda: self._hash.verify(password[:MAX_LENGTH], stored or DECOY))
        return right and stored is not None

    def close(self) -> None:
        """End the pool's threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, call: Callable[[], T]) -> T:
        if self._waiting >= _MAX_WAITING:
            raise Problem(
                "busy", 503, "Too many people sign in at once. Try again in a moment.", retry_after_ms=1000
            )
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, call)
        finally:
            self._waiting -= 1


def require_strong(password: str, field: str = "password") -> None:
    """Raise `Problem` for a password that is too short, too long or too plain; `field` is where it stood."""
    if len(password) < MIN_LENGTH:
        raise Problem("password_weak", 422, f"Use at least {MIN_LENGTH} characters.", field=field)
    if len(password) > MAX_LENGTH:
        raise Problem("password_weak", 422, f"Use at most {MAX_LENGTH} characters.", field=field)
    if len(set(password)) < 5:
        raise Problem("password_weak", 422, "Use more different characters.", field=field)
