"""What the command line does with accounts of channels. It uses AWS credentials: only the commands `channels` and
`doctor` import it, and the local stack, which connects its own account.
"""
