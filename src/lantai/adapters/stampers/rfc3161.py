"""A time stamping authority over HTTP (RFC 3161, 3.4): asked with asn1crypto's structures, its answer judged by our own verifier.

Only a digest leaves the house. An answer counts where it was granted, carries our number and our digest, and its signature holds; where
trusted certificates are set, its certificate must lead to one of them. What the certificates name as lists of revoked ones is fetched
along, and what lies in the folder of revocation data is taken along, so that the stamp can be judged when neither authority nor list
exists any more; where they say that the certificate was revoked, the stamp does not count.
"""

import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from asn1crypto import algos, cms, tsp, x509

from lantai.adapters.stampers.brought import brought
from lantai.core.digests import started
from lantai.core.errors import Fault
from lantai.formats import trust
from lantai.formats.signing import der
from lantai.formats.signing.certificates import MALFORMED, load_all
from lantai.formats.signing.judging import Material
from lantai.formats.signing.revocation import Evidence
from lantai.formats.signing.timestamps import verify_timestamp, verify_token
from lantai.formats.signing.verdict import Verdict
from lantai.ports.stamper import Stamp

#: The object identifiers of the digests that can be asked for, by hashlib's names.
DIGESTS = {
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
    "sm3": "1.2.156.10197.1.401",
}
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"
_LARGEST_REPLY, _LARGEST_LIST = 256 * 1024, 8 * 1024**2
_MOST_LISTS = 8
_UNREACHABLE = (OSError, ValueError, http.client.HTTPException)
_GRANTED = ("granted", "granted_with_mods")


class Rfc3161Stamper:
    """The authority at *address* (http or https); *trusted* names the file or folder of certificates people here trust, *revocation* the
    folder of lists and answers that are brought in, each empty for none."""

    def __init__(
        self,
        address: str,
        digests: Sequence[str] = ("sha256",),
        *,
        trusted: str = "",
        revocation: str = "",
        seconds: float = 10.0,
    ) -> None:
        self.digests = tuple(digests)
        self._address, self._trusted, self._revocation, self._seconds = address, trusted, revocation, seconds

    def stamp(self, message: bytes, digest: str) -> Stamp:
        """Have *message* stamped by its *digest*."""
        asked = _query(started(digest, message).digest(), digest)
        token = self._granted(self._ask(asked.dump()), asked)
        anchors = trust.certificates(self._trusted)
        verdict = verify_timestamp(token, message, anchors=anchors)
        if not (verdict.digests_valid and verdict.signature_valid and verdict.time_valid) or verdict.chain_valid is False:
            raise Fault("STAMP-INVALID", self._address, reason="；".join((*verdict.remarks, *verdict.not_checked)) or "签名或摘要不符")
        known = {item.dump(): item for item in (*_certificates(token), *_used(anchors, verdict))}
        certificates = list(known.values())
        lists, answers = brought(self._revocation, certificates)
        lists = list(dict.fromkeys((*lists, *self._lists(certificates))))
        material = Material([message], tuple(load_all(anchors)), evidence=Evidence(tuple(answers), tuple(lists)))
        if verify_token(token, material, load_all(known)).revocation is False:
            raise Fault("STAMP-INVALID", self._address, reason="时间戳机构的证书已被吊销")
        return Stamp(
            digest=digest,
            token=token,
            instant=datetime.fromisoformat(verdict.stamped_at),
            authority=verdict.signer,
            until=_until(verdict),
            certificates=tuple(known),
            lists=tuple(lists),
            answers=tuple(answers),
        )

    def _ask(self, query: bytes) -> bytes:
        request = urllib.request.Request(self._address, data=query, headers={"Content-Type": _QUERY, "Accept": _REPLY})  # noqa: S310 - http(s) by the setting
        try:
            return self._read(request, _LARGEST_REPLY)
        except _UNREACHABLE as problem:
            raise Fault("STAMP-NO-ANSWER", self._address, reason=str(problem)) from problem

    def _read(self, request: urllib.request.Request, limit: int) -> bytes:
        try:
            with urllib.request.urlopen(request, timeout=self._seconds) as answer:  # noqa: S310 - http(s) by the setting
                content: bytes = answer.read(limit + 1)
        except urllib.error.HTTPError as problem:  # it holds the connection
            problem.close()
            raise
        if len(content) > limit:
            raise ValueError("answer too large")
        return content

    def _granted(self, reply: bytes, asked: tsp.TimeStampReq) -> bytes:
        """Return the token of a reply that was granted and is about what was asked."""
        try:
            parts = der.node(reply).children  # taken apart by hand: asn1crypto wants a token in a refusal, too
            status = tsp.PKIStatusInfo.load(parts[0].raw)
            if status["status"].native not in _GRANTED:
                raise Fault("STAMP-REFUSED", self._address, reason=_said(status))
            token = cms.ContentInfo.load(parts[1].raw)
            told = token["content"]["encap_content_info"]["content"].parsed
            if told["nonce"].native != asked["nonce"].native or _imprint(told) != _imprint(asked):
                raise Fault("STAMP-INVALID", self._address, reason="答复不是对这次请求的")
            raw: bytes = token.dump()
        except MALFORMED as problem:
            raise Fault("STAMP-INVALID", self._address, reason="答复不是时间戳响应") from problem
        return raw

    def _lists(self, certificates: Sequence[x509.Certificate]) -> Iterator[bytes]:
        """Yield the lists of revoked certificates that the certificates name; one that cannot be had is left out, and verifying says so."""
        for address in list(dict.fromkeys(_addresses(certificates)))[:_MOST_LISTS]:
            try:
                content = self._read(urllib.request.Request(address), _LARGEST_LIST)  # noqa: S310 - http(s) only, see _addresses
            except _UNREACHABLE:
                continue
            yield content


def _query(imprint: bytes, digest: str) -> tsp.TimeStampReq:
    fields: dict[str, Any] = {
        "version": "v1",
        "message_imprint": {"hash_algorithm": algos.DigestAlgorithm({"algorithm": DIGESTS[digest]}), "hashed_message": imprint},
        "nonce": int.from_bytes(os.urandom(8)) | 1,
        "cert_req": True,
    }
    return tsp.TimeStampReq(fields)


def _imprint(said: Any) -> tuple[str, bytes]:  # noqa: ANN401 - asn1crypto has no types
    imprint = said["message_imprint"]
    return imprint["hash_algorithm"]["algorithm"].dotted, imprint["hashed_message"].native


def _said(status: Any) -> str:  # noqa: ANN401 - asn1crypto has no types
    """Return why a request was not granted, in the authority's words and codes."""
    words = [str(item.native) for item in status["status_string"] or ()]
    return "；".join([str(status["status"].native), *sorted(status["fail_info"].native or ()), *words])


def _certificates(token: bytes) -> list[x509.Certificate]:
    chosen = cms.ContentInfo.load(token)["content"]["certificates"] or ()
    return [item.chosen for item in chosen if item.name == "certificate"]


def _used(anchors: Sequence[bytes], verdict: Verdict) -> list[x509.Certificate]:
    """Return the trusted certificates that the stamp's way leads to; a token does not bring them along."""
    on_the_way = {item.sha256 for item in verdict.certificates}
    return [x509.Certificate.load(item.der) for item in load_all(anchors) if item.facts.sha256 in on_the_way]


def _addresses(certificates: Sequence[x509.Certificate]) -> Iterator[str]:
    for certificate in certificates:
        for point in certificate.crl_distribution_points:
            address = str(point.url or "")
            if address.startswith(("http://", "https://")):
                yield address


def _until(verdict: Verdict) -> datetime:
    """Return the end of the shortest validity on the way from the authority's certificate up."""
    return min(datetime.fromisoformat(item.not_after) for item in verdict.certificates)
