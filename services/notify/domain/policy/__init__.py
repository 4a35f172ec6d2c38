"""How notify asks the policy pack: who is owed what, in which words, and how long it may take."""
