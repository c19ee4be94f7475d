"""The tables, as four Django apps: people, intake, holdings, ledger. Models, migrations and queries; no rules."""
