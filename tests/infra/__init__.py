"""Real components for tests, all of them from wheels: alike as root and as an ordinary user."""
