"""The CDK app: a short wiring stack, and constructs in folders by concern."""
