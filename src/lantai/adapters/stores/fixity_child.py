"""The process that reads objects for a fixity audit, fed over pipes; it writes no file."""

import os
import resource

from lantai.adapters.readers.wire import frame, unframe
from lantai.packages.ocfl_sound import is_sound


def main() -> None:
    """Announce readiness, then say of each list of (record, folder of its object) which are whole, until the pipe closes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with os.fdopen(0, "rb") as requests, os.fdopen(1, "wb") as answers:
        answers.write(frame({"ready": True}))
        answers.flush()
        while (objects := unframe(requests.read)) is not None:
            answers.write(frame([key for key, folder in objects if is_sound(folder, key)]))
            answers.flush()


if __name__ == "__main__":
    main()
