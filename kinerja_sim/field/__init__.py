"""What really happened: logs and surveys of an office, checked, described and forecast."""
