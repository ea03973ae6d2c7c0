"""The last lines that a stdio server wrote to its standard error."""

MAX_TAIL_BYTES = 16 * 1024


class Tail:
    """A bounded memory of bytes; the oldest are forgotten."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def add(self, chunk: bytes) -> None:
        """Remember `chunk`."""
        self._kept += chunk
        if len(self._kept) > MAX_TAIL_BYTES:
            del self._kept[:-MAX_TAIL_BYTES]

    def text(self) -> str:
        """Return what is remembered, without control characters."""
        text = self._kept.decode("utf-8", "replace")
        return "".join(character for character in text if character in "\n\t" or character.isprintable())
