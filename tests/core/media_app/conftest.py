from hypothesis import settings

# A busy machine must not fail a property; nothing here is a measurement of speed.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
