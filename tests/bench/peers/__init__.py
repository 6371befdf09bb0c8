"""What ours stands beside: bare limits of this machine, and native servers where they are installed."""
