"""What happened: checkpoints, their recorder and their queries."""
