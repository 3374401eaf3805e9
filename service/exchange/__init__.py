"""An institution's codes, and exports in its forms: kept, used at the door, handed out."""
