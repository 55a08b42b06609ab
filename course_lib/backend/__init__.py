"""What depends on the framework, so that no other room has to.

Nothing in this room imports a framework until a function that needs one is called.

    importing.py   Keras without the chatter of its backend
    machine.py     the accelerator and the memory
    precision.py   the type of number in which compiled programs convolve
    shortage.py    what to say when memory runs out
    programs.py    gradients and compiled programs
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
