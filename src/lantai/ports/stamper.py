"""Time stamps (RFC 3161): somebody else's signed word that certain bytes were there at an instant.

Obligations of a stamper: what it returns was held against the message before it is returned; nothing but a digest of the message
leaves the house; an authority that does not answer in time is a Fault that trying again may mend, and nobody waits longer than that.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lantai.core.errors import Fault


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time stamp with what makes it judgeable later.

    ``digest`` is hashlib's name of the algorithm in it; ``token`` the TimeStampToken (DER); ``until`` the end of the shortest validity
    on the certificates' way; ``certificates``, ``lists`` (CRL) and ``answers`` (OCSP) are DER, as they could be had when it was given.
    """

    digest: str
    token: bytes
    instant: datetime
    authority: str
    until: datetime
    certificates: tuple[bytes, ...] = ()
    lists: tuple[bytes, ...] = ()
    answers: tuple[bytes, ...] = ()


class Stamper(Protocol):
    """A time stamping authority, or none."""

    @property
    def digests(self) -> tuple[str, ...]:
        """The digests that are asked for, each giving a stamp of its own; empty where no authority is set."""
        ...

    def stamp(self, message: bytes, digest: str) -> Stamp:
        """Have *message* stamped by its *digest*. Raises Fault STAMP-NO-ANSWER, STAMP-REFUSED, STAMP-INVALID, STAMP-NOT-SET."""
        ...


class NoStamper:
    """No authority is set: nothing is stamped, and everybody says so."""

    digests: tuple[str, ...] = ()

    def stamp(self, message: bytes, digest: str) -> Stamp:
        """Raise Fault STAMP-NOT-SET."""
        raise Fault("STAMP-NOT-SET", digest)
