"""A whole contest against a running installation, with faults on the way, and what its operators would have seen. Touches no other."""
