"""Makes the porting guide from code that was run, frameworks/PORTING.md and its pages: python -m parity guide"""
