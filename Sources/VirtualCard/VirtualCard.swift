// Laid here; its first types follow.
