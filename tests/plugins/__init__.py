"""Plugins of the test suite, one subject each: a client, the development cluster, our daemon."""
