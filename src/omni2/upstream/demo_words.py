"""Words that the demo model's rules know: cities, verbs, and how a question is cut into pieces."""

import re
import zoneinfo
from functools import cache

ZONE_OF_PLACE = {
    "amsterdam": "Europe/Amsterdam",
    "athens": "Europe/Athens",
    "auckland": "Pacific/Auckland",
    "bangalore": "Asia/Kolkata",
    "bangkok": "Asia/Bangkok",
    "barcelona": "Europe/Madrid",
    "beijing": "Asia/Shanghai",
    "berlin": "Europe/Berlin",
    "boston": "America/New_York",
    "brussels": "Europe/Brussels",
    "cairo": "Africa/Cairo",
    "california": "America/Los_Angeles",
    "cet": "Europe/Paris",
    "chicago": "America/Chicago",
    "copenhagen": "Europe/Copenhagen",
    "delhi": "Asia/Kolkata",
    "denver": "America/Denver",
    "dubai": "Asia/Dubai",
    "dublin": "Europe/Dublin",
    "gmt": "Etc/GMT",
    "helsinki": "Europe/Helsinki",
    "hong kong": "Asia/Hong_Kong",
    "india": "Asia/Kolkata",
    "istanbul": "Europe/Istanbul",
    "jakarta": "Asia/Jakarta",
    "japan": "Asia/Tokyo",
    "johannesburg": "Africa/Johannesburg",
    "lagos": "Africa/Lagos",
    "lisbon": "Europe/Lisbon",
    "london": "Europe/London",
    "los angeles": "America/Los_Angeles",
    "madrid": "Europe/Madrid",
    "melbourne": "Australia/Melbourne",
    "mexico city": "America/Mexico_City",
    "moscow": "Europe/Moscow",
    "mumbai": "Asia/Kolkata",
    "munich": "Europe/Berlin",
    "nairobi": "Africa/Nairobi",
    "new york": "America/New_York",
    "oslo": "Europe/Oslo",
    "paris": "Europe/Paris",
    "prague": "Europe/Prague",
    "rio": "America/Sao_Paulo",
    "rome": "Europe/Rome",
    "san francisco": "America/Los_Angeles",
    "sao paulo": "America/Sao_Paulo",
    "seattle": "America/Los_Angeles",
    "seoul": "Asia/Seoul",
    "shanghai": "Asia/Shanghai",
    "singapore": "Asia/Singapore",
    "stockholm": "Europe/Stockholm",
    "sydney": "Australia/Sydney",
    "tel aviv": "Asia/Jerusalem",
    "tokyo": "Asia/Tokyo",
    "toronto": "America/Toronto",
    "utc": "Etc/UTC",
    "vancouver": "America/Vancouver",
    "vienna": "Europe/Vienna",
    "warsaw": "Europe/Warsaw",
    "washington": "America/New_York",
    "zurich": "Europe/Zurich",
}

_STOP_WORDS = """
a about all also an and any are as at be been by can could did do does for from get give had has have he her
here his how i if in is it its just let like look me might my need of on one or our out please show so some
tell than that the their them then there these they this to up us use want was we were what when where which
who why will with would you your find list see search check
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())

# A tool that changes something is chosen only when the question says so with one of its verbs.
ACTION_VERBS = {
    "create": ("create", "raise", "file", "add", "make", "log", "write", "open a", "open an", "new"),
    "add": ("add", "create", "put"),
    "cancel": ("cancel", "void", "abort"),
    "delete": ("delete", "remove", "erase", "drop"),
    "remove": ("remove", "delete"),
    "update": ("update", "change", "edit", "modify", "set"),
    "set": ("set", "change", "update"),
    "send": ("send", "mail", "post"),
    "write": ("write", "save", "store"),
    "edit": ("edit", "change"),
    "move": ("move", "rename"),
    "refund": ("refund",),
    "execute": ("execute", "run"),
    "run": ("run", "execute"),
    "close": ("close", "solve", "resolve"),
}

SYNONYMS = {
    "cost": "order total price",
    "package": "order delivery",
    "parcel": "order delivery",
    "shipment": "order delivery",
    "inventory": "stock product",
    "article": "product",
    "item": "product",
    "revenue": "sale summary",
    "turnover": "sale summary",
    "sold": "sale",
    "selling": "sale",
    "complaint": "ticket",
    "issue": "ticket",
    "support": "ticket",
    "clock": "time",
    "o'clock": "time",
    "purchase": "order",
    "running": "low",
    "replenish": "low stock",
    "reorder": "low stock",
}

PRONOUNS = frozenset(
    {"it", "its", "that", "them", "they", "their", "this", "those", "these", "he", "she", "same"}
)

MAX_CLAUSES = 12

_WORD = re.compile(r"[a-z0-9][a-z0-9'-]*")
_CLAUSE = re.compile(r"\s*(?:[;?]+\s*|,?\s+and\s+(?:also\s+)?|,\s*(?:also|then)\s+)", re.IGNORECASE)
_LOOKUP = re.compile(
    r"\bdo you (?:have|sell|carry)\b|\bhow much (?:is|are|does|do)\b|\bprices? of\b|\bis there an?\b",
    re.IGNORECASE,
)
_IDIOM = re.compile(r"\btime is it\b|\bis it in\b|\bif it is\b")
_ZONE = re.compile(r"\b[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?\b")


def tokens(text: str) -> list[str]:
    """Return the words of `text`: lower case, stemmed a little, in order."""
    return [_stem(word) for word in _WORD.findall(text.lower().replace("_", " "))]


def telling_words(text: str) -> set[str]:
    """Return the words of a question that say what it is about, with what they commonly stand for."""
    words = {word for word in tokens(text) if word not in STOP_WORDS}
    if _LOOKUP.search(text):
        words |= {"product", "search", "price"}
    for word in tuple(words):
        words.update(SYNONYMS.get(word, "").split())
    return words


def clauses(question: str) -> list[str]:
    """Cut a question into the things that it asks for."""
    pieces = (part.strip(" .!,") for part in _CLAUSE.split(question))
    return [piece for piece in pieces if piece][:MAX_CLAUSES]


def zones(text: str) -> list[str]:
    """Return the IANA time zones that `text` names, directly or by a city, in order and without repeats."""
    found: list[tuple[int, str]] = [
        (match.start(), match.group()) for match in _ZONE.finditer(text) if match.group() in _all_zones()
    ]
    lowered = text.lower()
    for place, zone in ZONE_OF_PLACE.items():
        match = re.search(rf"\b{re.escape(place)}\b", lowered)
        if match is not None:
            found.append((match.start(), zone))
    return list(dict.fromkeys(zone for _, zone in sorted(found)))


def has_pronoun(text: str) -> bool:
    """Whether `text` points at something that was named before."""
    return not PRONOUNS.isdisjoint(_WORD.findall(_IDIOM.sub(" ", text.lower())))


def _stem(word: str) -> str:
    word = word.removesuffix("'s")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@cache
def _all_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())
