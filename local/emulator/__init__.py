"""The AWS emulator: ministack, patched in memory where the design depends on the behaviour of AWS."""
