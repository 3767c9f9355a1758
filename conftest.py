"""What pytest leaves alone: the deep part where there is no Keras."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("keras") else ["radlearn/keras/*"]
