"""Three months of business time in one run: every kind of clock met and missed, every kind of referrer told rightly."""
