"""What exists: servers, tools, providers, models."""
