"""What any program of this kind needs; knows no word of the domain."""
