"""Electronic signatures: seals of GM/T 0031 and GB/T 38540, CMS, time stamps, certificates. Pure computation over bytes.

What is asked for here never raises for what the bytes hold, reads no file and no clock, and looks nothing up: validity is judged
at the instant of signing. XML signatures (XML-DSig, XAdES) are out of scope.
"""

from lantai.formats.signing.remarks import findings
from lantai.formats.signing.seals import verify_seal, verify_signed_value
from lantai.formats.signing.ses import Picture, Seal, SealSignature, parse_seal, parse_signature
from lantai.formats.signing.signers import verify_cms
from lantai.formats.signing.timestamps import verify_timestamp
from lantai.formats.signing.verdict import LEVELS, CertificateFacts, Verdict, unreadable

__all__ = [
    "LEVELS",
    "CertificateFacts",
    "Picture",
    "Seal",
    "SealSignature",
    "Verdict",
    "findings",
    "parse_seal",
    "parse_signature",
    "unreadable",
    "verify_cms",
    "verify_seal",
    "verify_signed_value",
    "verify_timestamp",
]
