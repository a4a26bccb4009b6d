"""The stretches of recordings that stand out: scored by what was measured, and chosen between pauses."""
