"""Sessions without sockets: text in, facts and replies out."""
