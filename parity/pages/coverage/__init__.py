"""Lists the supported schedulers of other libraries, checked against these libraries: python -m parity coverage"""
