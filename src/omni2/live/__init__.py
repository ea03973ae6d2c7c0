"""Who is connected to this replica, and the block that ends it."""
