"""Names as clients and models see them: at most 64 plain characters, each of exactly one thing."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

MAX_LENGTH = 64
_JOINT = "__"
_MARK = 8
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")
_OTHER = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class Named:
    """A tool or prompt: the slug of its server, its own name, and the name that it is to have instead."""

    slug: str
    own: str
    renamed: str | None = None

    @property
    def shown(self) -> str:
        """The name that it goes by."""
        return self.renamed or self.own


def exposed(slug: str, name: str) -> str:
    """Return the name at `/mcp`: `slug__name`, else that made safe and cut, with a mark of slug and name."""
    whole = f"{slug}{_JOINT}{name}"
    return whole if is_plain(whole) else _marked(whole, slug, name)


def bare(name: str) -> str:
    """Return the name at `/mcp/{slug}`: the name itself, else made safe and cut, with a mark."""
    return name if is_plain(name) else _marked(name, "", name)


def is_plain(name: str) -> bool:
    """Whether every client and every model accepts a name as it is."""
    return _PLAIN.fullmatch(name) is not None


def exposed_names(things: Iterable[Named]) -> Mapping[str, tuple[str, str]]:
    """Return exposed name -> (slug, own name), one for each thing."""
    names = _assign(things, lambda thing: f"{thing.slug}{_JOINT}{thing.shown}", exposed)
    return MappingProxyType({name: (thing.slug, thing.own) for name, thing in names.items()})


def bare_names(things: Iterable[Named]) -> Mapping[str, str]:
    """Return bare name -> own name of the things of one server, one for each."""
    names = _assign(things, lambda thing: thing.shown, lambda _, name: bare(name))
    return MappingProxyType({name: thing.own for name, thing in names.items()})


def _assign(
    things: Iterable[Named], whole: Callable[[Named], str], named: Callable[[str, str], str]
) -> dict[str, Named]:
    """Give every thing a name of its own, in the order given.

    What an administrator named comes first, then what keeps its own name, then what had to be made safe: a
    newcomer never takes a name to which another thing has the better right.
    """
    listed = list(things)

    def rank(thing: Named) -> int:
        return 0 if thing.renamed else 1 if is_plain(whole(thing)) else 2

    names: dict[str, Named] = {}
    for thing in sorted(listed, key=rank):
        name, salt = named(thing.slug, thing.shown), 0
        while name in names:
            name, salt = _marked(whole(thing), thing.slug, thing.own, salt), salt + 1
        names[name] = thing
    found = {thing: name for name, thing in names.items()}
    return {found[thing]: thing for thing in listed}


def _marked(whole: str, slug: str, name: str, salt: int = 0) -> str:
    seed = f"{slug}\0{name}\0{salt}" if salt else f"{slug}\0{name}"
    mark = hashlib.sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()[:_MARK]
    return f"{_OTHER.sub('_', whole)[: MAX_LENGTH - _MARK - 1]}_{mark}"
