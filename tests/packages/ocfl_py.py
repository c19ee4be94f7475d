"""ocfl-py, an independent validator of OCFL, taught the one digest that our extension adds."""

from pathlib import Path

import ocfl.digest
import ocfl.validator
import pytest

from lantai.packages.ocfl_check import digests

SM3 = "^[0-9a-f]{64}$"


def errors(folder: Path) -> list[str]:
    """Return the codes of what ocfl-py finds wrong with the object in *folder*, every digest checked, SM3 too."""
    known = ocfl.digest.file_digest

    def file_digest(filename: str, digest_type: str = "sha512", fs: object = None) -> str:
        return digests(folder / filename)[1] if digest_type == "sm3" else str(known(filename, digest_type, fs=fs))

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ocfl.digest.DIGEST_REGEXES, "sm3", SM3)
        patch.setattr(ocfl.validator, "file_digest", file_digest)
        validator = ocfl.validator.Validator()
        validator.validate_object(str(folder))
    return sorted(code for code in validator.log.codes if code.startswith("E"))
