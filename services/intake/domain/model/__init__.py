"""What was told to us: the contact, its subjects, ages and times."""
