"""The shared layer of Chatflow. Functions and programs import it; it imports none of them."""
