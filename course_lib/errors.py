class TransferError(ValueError):
    """stub"""
