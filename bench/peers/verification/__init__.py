"""The same request with a credential, verified by our gate and by what others verify with.

verifier → ours, theirs → measure
"""
