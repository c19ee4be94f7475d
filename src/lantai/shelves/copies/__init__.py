"""The copies shelf: replicas of the vault, the state of every copy, fixity audits and offline media."""
