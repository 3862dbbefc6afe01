"""What happens: one replication of a region under several policies at once."""
