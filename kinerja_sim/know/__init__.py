"""What we know: regions, policies, evidence, calendar and the table contract, as data with sources."""
