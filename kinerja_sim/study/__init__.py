"""What we try: many replications of many policies, and the statistics of their differences.

`execute` is the only room here that calls the model; `summary`, `contrasts` and
`statistics` read tables and would read a table from another simulator, or from real
life, just as well.
"""
