"""From the weights of an optimizer to the rates that it applied, and from these to a verdict."""
