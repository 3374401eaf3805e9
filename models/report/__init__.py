"""The validation report as a page, and the model card."""

from models.report.card import card
from models.report.document import (
    SECTION_TITLES,
    Check,
    Column,
    Content,
    Decision,
    Document,
    Picture,
    Section,
    Table,
    Tile,
    standard_sections,
)
from models.report.page import render

__all__ = [
    "SECTION_TITLES",
    "Check",
    "Column",
    "Content",
    "Decision",
    "Document",
    "Picture",
    "Section",
    "Table",
    "Tile",
    "card",
    "render",
    "standard_sections",
]
