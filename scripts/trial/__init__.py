"""What scripts/faults works with: machines to break, a house that runs on them, and the proof that nothing was lost."""
