"""Background work: how a verb becomes a task, with retries, progress and the sweeper. Nothing else imports the queue.

A verb's module declares its wrapper once and says what is due; the queue is a hint, the states are the truth::

    @work.task("describe", on_give_up=rest)
    def describe_task(batch_id: str) -> None:
        describe(work.house(), batch_id)

    work.due("describe", lambda house: [{"batch_id": key} for key in batches_to_describe()])

    with transaction.atomic():
        ...                                   # the change
        work.enqueue("describe", batch_id=key)  # and the next task, or neither

Tasks run at least once, perhaps twice at the same time: what they do is compare-and-set on the rows they change.
"""

from lantai.work.running import Drained, Embedded, drain, embedded, regularly, run_worker
from lantai.work.steps import Steps, jobs, last_run, progress, progress_of
from lantai.work.sweeping import Rule, at_start, begin, due, give_up, prune, sweep
from lantai.work.tasks import declared_in, enqueue, house, provide, task

__all__ = [
    "Drained",
    "Embedded",
    "Rule",
    "Steps",
    "at_start",
    "begin",
    "declared_in",
    "drain",
    "due",
    "embedded",
    "enqueue",
    "give_up",
    "house",
    "jobs",
    "last_run",
    "progress",
    "progress_of",
    "provide",
    "prune",
    "regularly",
    "run_worker",
    "sweep",
    "task",
]
