"""Helpers that several folders share: files, saved numbers, settings, random generators, the collector."""
