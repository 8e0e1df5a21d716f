"""From a layout's fields (`name_en`) to the words of `assessment.sources.contents`; one mapping a format."""
