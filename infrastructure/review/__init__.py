"""Reviews the synthesized template: permissions, idle costs, rules, and the findings of security scanners."""
