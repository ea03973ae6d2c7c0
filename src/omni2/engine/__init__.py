"""The one governed path to a tool or a model."""
