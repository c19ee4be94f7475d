"""ocfl-py, an independent validator of OCFL, as it comes."""

from pathlib import Path

import ocfl.validator


def errors(folder: Path) -> list[str]:
    """Return the codes of what ocfl-py finds wrong with the object in *folder*, every digest checked."""
    validator = ocfl.validator.Validator()
    validator.validate_object(str(folder))
    return sorted(code for code in validator.log.codes if code.startswith("E"))
