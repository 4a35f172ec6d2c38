"""Policy packs: loader (YAML to model), frozen model and pure evaluator. The mechanism, never a rule about cases."""
