"""recover 恢复: the state package, rebuilding from vault and ledger, backup and restore, drills (docs/design/recovery.md)."""
