"""What every contender is to the rest of the benchmark."""


class Contender:
    """`kind` groups contenders that are one program; ratios are against the kinds that are not ours."""

    kind = ""
    destinations = 0  # how many addresses of side b the traffic goes to in turn; 0: the usual one

    def __init__(self, name, label):
        self.name = name
        self.label = label

    def missing(self):
        """Why it cannot be measured here and how to get it, or None."""
        return None

    def version(self):
        """Of the program, for the head of the results, or None."""
        return None

    def start(self, bed):
        """Brings the tunnel up; packets between the networks behind the gateways pass when this returns."""
        raise NotImplementedError

    def rekey(self, bed):
        """New keys for the packets now, and returns when they are there."""
        raise NotImplementedError
