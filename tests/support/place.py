"""Where tests keep their files: in memory if it has room, as a disk takes longer than what is tried."""

import os
import tempfile

MEMORY = "/dev/shm"
ROOM_BYTES = 6 << 30


def place_for_files() -> str:
    """Return the directory under which files of a test run may be made and programs be run."""
    try:
        found = os.statvfs(MEMORY)
    except OSError:
        return tempfile.gettempdir()
    has_room = found.f_bavail * found.f_frsize >= ROOM_BYTES and _free_memory_bytes() >= ROOM_BYTES
    usable = has_room and os.access(MEMORY, os.W_OK) and not found.f_flag & os.ST_NOEXEC
    return MEMORY if usable else tempfile.gettempdir()


def _free_memory_bytes() -> int:
    """Return how much memory is to be had without swapping."""
    with open("/proc/meminfo", encoding="ascii") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith("MemAvailable"))
