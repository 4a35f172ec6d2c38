"""What triage's API takes and answers."""
