"""Running the flows: wake-ups, schedule, retries, one runner per case, rate limits."""
