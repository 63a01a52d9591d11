"""The plug-in protocol: implementations from outside this project, held to the gate's cases."""
