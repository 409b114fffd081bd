"""The stockpile advisor: will we run out, and what to do by when."""
