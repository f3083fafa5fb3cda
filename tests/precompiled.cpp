// Nothing: this target only makes the precompiled header that all tests share.
