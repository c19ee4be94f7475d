"""Electronic signatures: seals of GM/T 0031 and GB/T 38540, CMS, time stamps, certificates. Pure computation over bytes.

What is asked for here never raises for what the bytes hold, reads no file and no clock, and looks nothing up: validity is judged
at the instant of signing. XML signatures (XML-DSig, XAdES) are out of scope.
"""
