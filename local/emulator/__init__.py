"""The AWS emulator: ministack, corrected in memory where the design depends on what AWS really does."""
