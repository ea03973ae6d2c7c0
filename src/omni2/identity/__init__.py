"""Who: users, roles, sessions, tokens, blocks, epochs."""
