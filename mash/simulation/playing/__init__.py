"""Playing a plan: every act is one request to the real REST APIs, at its own business time."""
