"""What Pomost says to people, in their language: the raised English text is the key, as in gettext.

Nothing here knows what a message is about; whoever shows one asks ``in_language``.
"""

from pomost.words.events import event_word, field_word
from pomost.words.polish import in_language, one_text, phrase

__all__ = ["event_word", "field_word", "in_language", "one_text", "phrase"]
