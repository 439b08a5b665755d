"""Programs on generated clients: python FILE URL USER TOKEN pings, lists, submits and cancels, in JSON."""
