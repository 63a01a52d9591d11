"""Exercise 5: sampling from a posterior by SGD with noise, whose rate is a (b + t)^-gamma."""
