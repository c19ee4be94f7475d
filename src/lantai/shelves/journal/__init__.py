"""The journal shelf: acts of persons on many records, as jobs that go on and as acts that can be taken back."""
