"""Switch points → a timeline, and outputs → profiles: what an export asks for, as values.

schema (what a request may say) · request (the request as values) · switching (points → shots) · timeline (shots → a sequence) ·
outputs (what is encoded).
"""
