"""From what people write to a definition: TOML, CSV and XLSX. Every fault is named with its place."""
