"""Background work: how a verb becomes a task, with retries, progress and the sweeper. Nothing else imports the queue."""
