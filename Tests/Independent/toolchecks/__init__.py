"""Checks of the command line from outside, with nothing of this project's code."""
