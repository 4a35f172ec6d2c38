"""The launcher: everything on one machine, with nothing installed but Python."""
