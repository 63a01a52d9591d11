"""Which schedulers of other libraries the specification can say, checked against them: python -m parity coverage"""
