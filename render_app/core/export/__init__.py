"""Switch points → a timeline, and outputs → profiles: what an export asks for, as values.

schema (what a request may say) · switching (its points → shots) · timeline (shots, as core.cut lays them → a sequence) ·
outputs (what is encoded).
"""
