"""register 办结登记: what the office system calls finished is registered, held against the holdings, and judged by persons.

A table or rows sent by a system are entered the same way, again and again if need be: a row is known by its key, what changed is shown
before it is written, what cannot be registered is kept as it came with the reason. Whether a document is filed is never entered; it
follows from the holdings (``shelves.register.standing``). A person decides two things only: that a document is not to be filed, and
which record a doubtful one is.
"""

from lantai.stages.register.decide import exclude, include, match, part
from lantai.stages.register.enter import Entered, enter_file, enter_rows
from lantai.stages.register.rows import Remark

__all__ = ["Entered", "Remark", "enter_file", "enter_rows", "exclude", "include", "match", "part"]
