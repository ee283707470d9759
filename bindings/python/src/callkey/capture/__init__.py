"""A captured call, solved: the sender, secret and roll-over counter of each stream, and its packets in the clear.

``callkey capture`` is its command. Reading captures needs ``dpkt``, decryption ``cryptography``, and WAV files ``av``:
``pip install 'callkey[capture]'``. ``import callkey`` does not load it.
"""
