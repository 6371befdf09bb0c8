"""Making a definition without writing it: rules tried, drafts checked, played through and written as TOML. Stores nothing."""
