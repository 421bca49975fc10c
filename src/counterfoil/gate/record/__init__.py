"""What a gate puts on record: decisions and counts, in a journal, until the office has them.

decided      a row for each decision, and counts of use
journal      lines on the disk, each with a digest over all before it
shipping     read from where the office has it, and forgotten when it has said so
continued    how a journal goes on, as another host tells it
"""
