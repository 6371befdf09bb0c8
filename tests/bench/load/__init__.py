"""What loads the servers: independent of the product's own clients, cheap, and not counted."""
