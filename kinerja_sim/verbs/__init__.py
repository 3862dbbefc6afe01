"""Verbs of the command line that have a module of their own, and the options that all verbs share."""
