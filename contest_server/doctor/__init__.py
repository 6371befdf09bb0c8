"""What is right and what is wrong with an installation, in plain words. Looks only; changes nothing and repairs nothing."""
