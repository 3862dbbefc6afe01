"""How results are shown: words, tables, figures, notebooks and decks, from saved tables only.

Nothing here sees a simulator: a table from another simulator, or from real life, that
keeps the table contract flows through the same rooms.
"""
