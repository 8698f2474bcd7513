"""The benchmark runner: one module per subcommand, and what they share (binaries, processes, stores, rivals, reports)."""
