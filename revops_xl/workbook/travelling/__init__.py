"""Workbooks that are sent: packets, drafts of e-mails, frozen copies, returned files."""
