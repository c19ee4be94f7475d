"""transfer 移交: due records are chosen, judged at the transfer gate, packed with registers, and become the receiver's by its receipt.

The receiving side takes the package in by the channel ``transfer`` like any delivery, registers the codes it brings, and answers with
the receipt of the batch, which is what this side imports.
"""

from lantai.stages.transfer.acts import cancel, draft, due, find
from lantai.stages.transfer.gate import judge
from lantai.stages.transfer.pack import pack
from lantai.stages.transfer.receipts import enter, settle

__all__ = ["cancel", "draft", "due", "enter", "find", "judge", "pack", "settle"]
