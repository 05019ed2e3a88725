"""What a reviewer reads, made from the synthesized template: who may do what, what it costs, what scanners find."""
