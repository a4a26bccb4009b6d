"""Whether the proofs of the renderer would notice a fault: each fault is built in, and its proof must fail. `make mutate`."""
