"""The shared language of Chatflow: what every room of the house may import, and which itself imports none of them."""
