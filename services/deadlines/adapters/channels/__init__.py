"""How what this service says reaches those who keep a connection open."""
