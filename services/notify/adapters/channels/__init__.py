"""The outside: channels that reach people, the address book they need, and the letters they carry."""
