"""The daemon on a real cluster."""
