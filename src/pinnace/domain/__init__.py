"""The vocabulary: frozen dataclasses, enums and transition tables, and nothing that needs the outside."""
