"""The read side: overview, activity."""
