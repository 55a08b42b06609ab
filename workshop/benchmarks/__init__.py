"""Speed and memory, ours and the usual alternative in turn: `python -m workshop.benchmarks`."""
