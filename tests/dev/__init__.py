"""The development cluster and the packaging."""
