"""The porting guide, frameworks/PORTING.md and frameworks/porting/: made of code that ran. python -m parity guide."""
